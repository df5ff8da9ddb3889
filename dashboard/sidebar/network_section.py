"""The sidebar's section about the network: cost, hidden layers and activation."""

from __future__ import annotations

import streamlit as st

from dashboard.sidebar.field_errors import FieldErrors
from dashboard.sidebar.labelled_widgets import choices, labelled_widget_arguments
from dashboard.sidebar.reading import read_settings
from dashboard.state.live_changes import NEEDS_RESTART, help_with_effect_time, label_with_effect_icon
from engine.config import SETTINGS


def section(errors: FieldErrors) -> None:
    """Draw the section."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="network_bar"):
        st.header(
            label_with_effect_icon("Network", NEEDS_RESTART),
            help=help_with_effect_time("", NEEDS_RESTART) or None,
            width="stretch",
        )
        with st.popover("Cost", type="tertiary", help="The function that training makes small."):
            st.selectbox(options=choices("cost"), **labelled_widget_arguments("cost"))
    left, right = st.columns(2)
    left.text_input(placeholder=SETTINGS["hidden"].display_text(()), **labelled_widget_arguments("hidden"))
    right.selectbox(options=choices("activation"), **labelled_widget_arguments("activation"))
    errors.reserve("hidden", "activation")
    if (note := read_settings().memory_note) is not None:
        text, is_warning = note
        st.caption(f":material/warning: {text}" if is_warning else text)
