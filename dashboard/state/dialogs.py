"""Which dialog is open, until somebody closes it.

Streamlit closes a dialog that a script run does not call again, and a page is made anew whenever a run ends. So who
opens one says it here, and the page calls what is open each time. There is at most one.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

_OPEN = "dialog"


def ask(name: str, *about: Any) -> None:
    """Open a dialog with the next script run. `about` is what it is about."""
    st.session_state[_OPEN] = (name, about)


def asked(name: str) -> tuple[Any, ...] | None:
    """What the dialog of that name is about; None where it is not open."""
    opened, about = st.session_state.get(_OPEN, (None, ()))
    return about if opened == name else None


def close() -> None:
    """Nothing is open from the next script run on."""
    st.session_state.pop(_OPEN, None)
