"""Wrappers of private functions of Streamlit. No other file imports private parts of Streamlit.

tests/dashboard/test_compat.py fails if one of these functions moves or changes.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.web.server.server_util import is_url_from_allowed_origins
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

__all__ = ["is_allowed_host", "is_allowed_origin", "went_back_or_forward"]


def went_back_or_forward() -> bool:
    """Return whether the browser's back or forward button caused this script run.

    Returns:
        False outside of script runs.
    """
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.is_history_navigation)


def is_allowed_host(host: str | None) -> bool:
    """Return whether the server's options allow a request with this Host header."""
    return is_host_allowed(host)


def is_allowed_origin(origin: str) -> bool:
    """Return whether the server's options allow a page of this origin.

    For an unknown origin, Streamlit looks up the addresses of this machine over the network: call this in a thread.

    Raises:
        ValueError: for a text that is not a URL.
    """
    return is_url_from_allowed_origins(origin)
