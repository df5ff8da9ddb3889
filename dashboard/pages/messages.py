"""The messages between the transport and the board of a page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.charts.escaping import plain
from dashboard.pages import links


def show(lost: str | None, error: str | None, notices: Callable[[], None] = lambda: None) -> None:
    """Show the messages of a page above its board.

    Args:
        lost: what became of runs in the address that this server does not know.
        error: why the last thing that a person wanted was refused.
        notices: shows the notices that only this page has.
    """
    with st.container(key="messages"):  # always there: a board whose place on the page moves is mounted anew
        links.refused()
        notices()
        if lost:
            st.warning(lost)
        if error:
            st.error(plain(error))
