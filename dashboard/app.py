"""The server, started by `streamlit run dashboard/app.py` or `regscope`.

Every click runs `ui.py`, the script of the page. The server also provides the live socket and the assets of the board.
It starts a spare worker before the first page is opened, and ends all workers when it stops.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
from starlette.types import ASGIApp

from dashboard import _compat
from dashboard.access.exposure import exposure_warning
from dashboard.access.guard import Guard
from dashboard.access.hosts import server_hosts
from dashboard.live.hub import close_hub, get_hub
from dashboard.live.routes import base_path, routes
from dashboard.live.run_with_ghost import default_choice
from engine.errors import FieldError
from engine.runs.store.store import Store


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Start the hub when the server starts; close it when the server stops."""
    if warning := exposure_warning(st.get_option("server.address"), st.get_option("server.port")):
        print(warning, file=sys.stderr, flush=True)
    # in a thread, because copying a large file takes many seconds
    store = get_hub().manager.store
    threading.Thread(target=purge_deleted_runs, args=(store,), daemon=True, name="purge").start()
    gc.freeze()  # imported modules are never freed, so garbage collection can skip them
    try:
        yield
    finally:
        close_hub()


def purge_deleted_runs(store: Store | None) -> None:
    """Remove runs permanently that were deleted more than a day ago, and give their space back.

    An error of the store is ignored here: the page Runs shows it.
    """
    if store is not None:
        with suppress(FieldError):
            store.purge()
            store.compact()


_compat.copy_session_keys_safely()
_compat.uninterrupted_callbacks()
_compat.set_allowed_hosts(server_hosts().streamlit_names)
# `streamlit run` looks for an assignment of `st.App(…)` in this form, and then serves the last value of the variable
app: ASGIApp = st.App(Path(__file__).with_name("ui.py"), routes=routes(), lifespan=lifespan)
try:
    default_choice()
    app = Guard(app, server_hosts(), base_path())
except FieldError as error:  # in an environment variable
    raise SystemExit(f"Regscope cannot start: {error}") from None
