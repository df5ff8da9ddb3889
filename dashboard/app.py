"""The server, started by `streamlit run dashboard/app.py` or `regscope`.

It runs the script of the page, `ui.py`, with every click, and serves the routes of the live path. The lifespan starts
a spare worker before the first page is opened, and stops all workers when the server stops.
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
    """Start the hub with the server and stop it with the server."""
    purge_deleted(the_hub().manager.store)
    gc.freeze()  # the imported modules stay for good, so garbage collection need not visit them
    try:
        yield
    finally:
        close_the_hub()


def purge_deleted(store: Store | None) -> None:
    """Remove runs for good that were deleted more than a day ago. The page Runs reports a store that fails."""
    if store is not None:
        with suppress(FieldError):
            store.purge()


app = st.App(Path(__file__).with_name("ui.py"), routes=routes(), lifespan=lifespan)
