"""The server: `streamlit run dashboard/app.py` starts it, and so does `regscope`.

The page itself is `ui.py`, run anew with every click. Beside it stand the routes of the live path,
and around both the life of the workers: a spare is warm before the first page is opened, and none
outlives the server.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from dashboard.live.hub import close_the_hub, the_hub
from dashboard.live.routes import routes


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    the_hub()
    gc.freeze()  # what is imported by now stays: no collection need look at it again
    try:
        yield
    finally:
        close_the_hub()


app = st.App(Path(__file__).with_name("ui.py"), routes=routes(), lifespan=lifespan)
