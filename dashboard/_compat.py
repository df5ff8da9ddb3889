"""Wrappers of private functions of Streamlit. No other file imports private parts of Streamlit.

tests/dashboard/test_compat.py fails if one of these functions moves or changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from streamlit import config
from streamlit.runtime.scriptrunner import get_script_run_ctx

__all__ = ["set_allowed_hosts", "went_back_or_forward"]


def went_back_or_forward() -> bool:
    """Return whether the browser's back or forward button caused this script run.

    Returns:
        False outside of script runs.
    """
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.is_history_navigation)


def set_allowed_hosts(names: Sequence[str]) -> None:
    """Set the host names that Streamlit's own WebSocket answers; `st.set_option` refuses options of the server."""
    config.set_option("server.allowedHosts", list(names))
