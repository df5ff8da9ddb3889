"""The sidebar's section about the network: cost, hidden layers and activation."""

from __future__ import annotations

import streamlit as st

from dashboard.sidebar.described import choices, widget_description
from dashboard.state.live_changes import NEEDS_RESTART, help_with_sentence, label_with_icon
from engine.config import SETTINGS


def section() -> None:
    """Draw the section."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="network_bar"):
        st.header(
            label_with_icon("Network", NEEDS_RESTART),
            help=help_with_sentence("", NEEDS_RESTART) or None,
            width="stretch",
        )
        with st.popover("Cost", type="tertiary", help="The function that training makes small."):
            st.selectbox(options=choices("cost"), **widget_description("cost"))
    left, right = st.columns(2)
    left.text_input(placeholder=SETTINGS["hidden"].display_text(()), **widget_description("hidden"))
    right.selectbox(options=choices("activation"), **widget_description("activation"))
