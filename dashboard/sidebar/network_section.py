"""The sidebar's section about the network: cost, hidden layers and activation."""

from __future__ import annotations

import streamlit as st

from dashboard.sidebar.described import choices, described
from dashboard.state.live_changes import RESTART, explained, marked


def section() -> None:
    """Draw the section."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="network_bar"):
        st.header(marked("Network", RESTART), help=explained("", RESTART) or None, width="stretch")
        with st.popover("Cost", type="tertiary", help="What the network is trained to make small."):
            st.selectbox(options=choices("cost"), **described("cost"))
    left, right = st.columns(2)
    left.text_input(placeholder="none", **described("hidden"))
    right.selectbox(options=choices("activation"), **described("activation"))
