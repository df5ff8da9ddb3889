"""The messages between the transport and the board of a page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.pages import links
from dashboard.state.pages import runs_page


def show(missing: str | None, error: str | None, notices: Callable[[], None] = lambda: None) -> None:
    """Show the messages of a page above its board.

    Args:
        missing: a message about runs in the address that cannot be shown; None for no message.
        error: a message about the last action, which was refused; None for no message.
        notices: a function that shows further notices of this page.
    """
    with st.container(key="messages"):  # always present: Streamlit mounts the board again if its position changes
        links.invalid_values()
        if moved := runs_page.store_notice():
            st.warning(escape_markdown(moved))
        notices()
        if missing:
            st.warning(missing)
        if error:
            st.error(escape_markdown(error))
