"""Wrappers of private functions of Streamlit. No other file imports private parts of Streamlit.

tests/dashboard/test_compat.py fails if one of these functions moves or changes, and for a Streamlit newer than
`CHECKED_STREAMLIT`. Users may install a newer one: without a private part, only the feature that needs it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streamlit import config

try:
    from streamlit.runtime.scriptrunner import get_script_run_ctx
except ImportError:  # another Streamlit than the checked one; mypy reads only the installed one
    get_script_run_ctx = None  # type: ignore[assignment]

__all__ = ["CHECKED_STREAMLIT", "drop_uploaded_files", "set_allowed_hosts", "went_back_or_forward"]

CHECKED_STREAMLIT = "1.67"  # the release that the private parts below were checked against


def went_back_or_forward() -> bool:
    """Return whether the browser's back or forward button caused this script run.

    Returns:
        False outside of script runs, and with a Streamlit that does not have this information: then the sidebar does
        not follow the back button.
    """
    if get_script_run_ctx is None:
        return False
    context = get_script_run_ctx(suppress_warning=True)
    return bool(getattr(context, "is_history_navigation", False))


def set_allowed_hosts(names: Sequence[str]) -> None:
    """Set the host names that Streamlit's own WebSocket answers; `st.set_option` refuses options of the server."""
    config.set_option("server.allowedHosts", list(names))


def drop_uploaded_files(file_ids: Iterable[str]) -> None:
    """Remove uploaded files of this session from the memory of the server; others are ignored.

    Streamlit keeps them until the page is closed. Outside of script runs, and with a Streamlit that cannot remove
    single files, they stay until then.
    """
    context = None if get_script_run_ctx is None else get_script_run_ctx(suppress_warning=True)
    remove = getattr(getattr(context, "uploaded_file_mgr", None), "remove_file", None)
    if context is not None and remove is not None:
        for file_id in file_ids:
            remove(session_id=context.session_id, file_id=file_id)
