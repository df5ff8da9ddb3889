"""The current page."""

from __future__ import annotations

import streamlit as st

PAGE_PARAMETER = "view"  # key of the switch between the pages, and the query parameter
TRAIN_PAGE = "train"  # the default page

_NEXT = "page.next"  # the page to show with the next script run


def current_page() -> str:
    """Return the name of the current page, which the address gives in the first script run."""
    return str(st.session_state.get(PAGE_PARAMETER) or st.query_params.get(PAGE_PARAMETER) or TRAIN_PAGE)


def go_to(name: str) -> None:
    """Show a page from the next script run on, because the switch cannot be set any more in this one."""
    st.session_state[_NEXT] = name


def apply() -> None:
    """Set the page of the last `go_to`; call this before the switch is created."""
    if name := st.session_state.pop(_NEXT, None):
        st.session_state[PAGE_PARAMETER] = name
