"""The open dialog of a page.

Streamlit closes a dialog whose function is not called in a script run, and the end of a training run causes a script
run. The open dialog is therefore stored here, and the page calls it in each script run. At most one dialog is open.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.state import dialog_cache

_OPEN = "dialog"


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


def close() -> None:
    """Close the dialog in the next script run."""
    st.session_state.pop(_OPEN, None)
    dialog_cache.clear()
