"""The open dialog of a page.

Streamlit closes a dialog whose function is not called in a script run, and the end of a training run causes a script
run. The open dialog is therefore stored here, and the page calls it in each script run. At most one dialog is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from dashboard import _compat
from dashboard.state import dialog_cache

_OPEN = "dialog"
_UPLOADS = "dialog.uploads"  # the ids of the files that were uploaded in the open dialog


def open_in_next_run(name: str, *subject: Any) -> None:
    """Open a dialog in the next script run.

    Args:
        name: the name of the dialog.
        subject: arguments of the dialog, such as the id of a run.
    """
    st.session_state[_OPEN] = (name, subject)


def dialog_subject(name: str) -> tuple[Any, ...] | None:
    """Return the subject of a dialog; None if the dialog is not open."""
    open_name, subject = st.session_state.get(_OPEN, (None, ()))
    return subject if open_name == name else None


def add_uploads(file_ids: Iterable[str]) -> None:
    """Add files that were uploaded in the open dialog; `close` drops them from the memory of the server."""
    uploads = set(st.session_state.get(_UPLOADS, ())) | set(file_ids)
    if uploads:
        st.session_state[_UPLOADS] = uploads


def close() -> None:
    """Close the dialog in the next script run."""
    _compat.drop_uploaded_files(st.session_state.pop(_UPLOADS, ()))
    st.session_state.pop(_OPEN, None)
    dialog_cache.clear()
