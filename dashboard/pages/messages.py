"""The messages between the transport and the board of a page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.pages import links


def show(lost: str | None, error: str | None, notices: Callable[[], None] = lambda: None) -> None:
    """Show the messages of a page above its board.

    Args:
        lost: why runs in the address cannot be shown.
        error: why the last action was refused.
        notices: shows the notices of this page only.
    """
    with st.container(key="messages"):  # always there: Streamlit mounts a board again if its position changes
        links.refused()
        notices()
        if lost:
            st.warning(lost)
        if error:
            st.error(escape_markdown(error))
