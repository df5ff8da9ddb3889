"""The View menu: the panels on the board, and the keys."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import CUSTOM, LAYOUTS
from dashboard.live.keys import shortcuts_table
from dashboard.state import board_layout


def view_menu() -> None:
    """Show the button View and its menu."""
    with st.popover("View", help="Choose the panels on the board, see the keys."):
        st.segmented_control(
            "Layout",
            [*LAYOUTS, CUSTOM],
            default=next(iter(LAYOUTS)),
            required=True,
            key=board_layout.LAYOUT_PARAMETER,
            bind="query-params",
            on_change=board_layout.on_layout_change,
            help="The panels on the board. The address of the page and this browser store the choice.",
        )
        st.pills(
            "Panels of the custom layout",
            list(PANELS),
            selection_mode="multi",
            format_func=lambda name: PANELS[name].title,
            key=board_layout.PANELS_PARAMETER,
            bind="query-params",
            on_change=board_layout.on_panels_change,
            help="Choosing a panel switches to the custom layout.",
        )
        with st.expander("Keys", icon=":material/keyboard:"):
            st.markdown(shortcuts_table())
