"""The messages between the transport and the board of a page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.pages import links
from dashboard.sidebar import fetching
from dashboard.sidebar.reading import Settings
from dashboard.state.pages import runs_page
from dashboard.state.settings.page_settings import label_of


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


def pointer(settings: Settings | None) -> None:
    """Show in the middle of an empty board why nothing can start.

    Args:
        settings: those of the sidebar; None if the board shows a run.
    """
    with st.container(key="pointer"):  # always present, as in `show`
        if settings is not None and settings.problem is not None:
            with st.container(key="pointer_card", horizontal_alignment="center"):
                why_nothing_starts(settings)


def why_nothing_starts(settings: Settings) -> None:
    """Show which field of the sidebar must be corrected, or a button that fetches the data. The rest is there."""
    if (missing := fetching.missing_dataset()) is not None:
        title = f"**{escape_markdown(missing.title)}**"
        absent = f"{title} is not on this machine."
        st.markdown(f"The files of {title} cannot be read." if missing.is_present else absent)
        fetching.fetch_button(missing, f"({fetching.size_text(missing)})", "fetch_on_board", is_primary=True)
    elif settings.error is not None:
        st.markdown(f"Correct **{escape_markdown(label_of(settings.error.field))}** in the sidebar.")
