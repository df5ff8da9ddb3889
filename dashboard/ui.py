"""The script of every page: page setup, sidebar, and the chosen page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import CUSTOM, LAYOUTS
from dashboard.pages import style
from dashboard.pages.catalogue import PAGES
from dashboard.sidebar.sidebar import sidebar
from dashboard.state import board_layout, live_changes, navigation, session
from dashboard.state.pages import evidence_state
from dashboard.state.settings import widgets

ICON = Path(__file__).with_name("icon.svg")  # a named icon would be fetched from the internet
SIDEBAR_WIDTH = 272  # pixels: fits every setting in one column and leaves the rest of 1,280 to the charts

# The choices of the query parameters that are not settings, by parameter.
OFFERED = {
    navigation.VIEW: list(PAGES),
    evidence_state.PART: evidence_state.PARTS,
    board_layout.LAYOUT: [*LAYOUTS, CUSTOM],
    board_layout.SHOWN: [panel.title for panel in PANELS.values()],
}


def head() -> str:
    """Draw the title and the switch between the pages; return the name of the chosen page."""
    *first, last = (page.use for page in PAGES.values())
    uses = ", ".join(first)
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title("Regscope", anchor=False, width="content")
        chosen = st.segmented_control(
            "Page",
            list(PAGES),
            default=navigation.TRAIN,
            required=True,
            key=navigation.VIEW,
            bind="query-params",
            label_visibility="collapsed",
            help=f"{uses[0].upper()}{uses[1:]}, or {last}.",
        )
    return chosen if chosen in PAGES else navigation.TRAIN


st.set_page_config(page_title="Regscope", page_icon=str(ICON), layout="wide", initial_sidebar_state=SIDEBAR_WIDTH)
style.apply()
session.begin(OFFERED)
refused = live_changes.synchronize(widgets.changeable)
with st.sidebar:
    view = head()
    settings = sidebar(refused)
PAGES[view].show(settings)
