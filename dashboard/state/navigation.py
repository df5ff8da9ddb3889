"""Which of the pages is shown."""

from __future__ import annotations

import streamlit as st

_GO = "go"  # the page to show with the next script run

VIEW = "view"  # the key of the switch between them, and the query parameter
TRAIN = "train"  # the page that an address names which says nothing


def view() -> str:
    """The page that is shown, or about to be: by the switch, or by an address that is opened."""
    return str(st.session_state.get(VIEW) or st.query_params.get(VIEW) or TRAIN)


def go_to(name: str) -> None:
    """Show a page with the next script run: the switch is made already in this one."""
    st.session_state[_GO] = name


def apply() -> None:
    """Show the page of the last `go_to`; only before the switch is made in this script run."""
    if wanted := st.session_state.pop(_GO, None):
        st.session_state[VIEW] = wanted
