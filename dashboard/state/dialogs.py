"""The open dialog of a page.

Streamlit closes a dialog that a script run does not call again, and there is a script run whenever a training run
ends. So the open dialog is kept here, and the page calls it in each script run. At most one is open.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.state import dialog_cache

_OPEN = "dialog"


def open_in_next_run(name: str, *subject: Any) -> None:
    """Open a dialog with the next script run. `subject` is, for instance, the id of a run."""
    st.session_state[_OPEN] = (name, subject)


def dialog_subject(name: str) -> tuple[Any, ...] | None:
    """Return the subject of a dialog, or None if it is not open."""
    open_name, subject = st.session_state.get(_OPEN, (None, ()))
    return subject if open_name == name else None


def close() -> None:
    """Close the dialog with the next script run."""
    st.session_state.pop(_OPEN, None)
    dialog_cache.clear()
