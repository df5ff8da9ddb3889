"""The server: `streamlit run dashboard/app.py` starts it, and so does `regscope`.

The page itself is `ui.py`, run anew with every click. Beside it stand the routes of the live path,
and around both the life of the workers: a spare is warm before the first page is opened, and none
outlives the server.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st

from dashboard.live.hub import close_the_hub, the_hub
from dashboard.live.routes import routes
from engine.errors import FieldError
from engine.runs.store.store import Store


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    clear_up(the_hub().manager.store)
    gc.freeze()  # what is imported by now stays: no collection need look at it again
    try:
        yield
    finally:
        close_the_hub()


def clear_up(store: Store | None) -> None:
    """Remove for good what was deleted more than a day ago; where that cannot be, the page of runs says why."""
    if store is not None:
        with suppress(FieldError):
            store.purge()


app = st.App(Path(__file__).with_name("ui.py"), routes=routes(), lifespan=lifespan)
