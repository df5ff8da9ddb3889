"""The script of every page: its setup, its sidebar, and the page that is chosen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.charts import CUSTOM, LAYOUTS, PANELS
from dashboard.pages import style
from dashboard.pages.catalogue import PAGES
from dashboard.sidebar.sidebar import sidebar
from dashboard.state import board_layout, live_changes, navigation, session
from dashboard.state.pages import evidence_state
from dashboard.state.settings import widgets

ICON = Path(__file__).with_name("icon.svg")  # a named icon would be fetched from the internet
SIDEBAR = 272  # pixels: every setting in one column, and the charts keep the rest of 1,280

# What an address can name beside the settings, by parameter.
OFFERED = {
    navigation.VIEW: list(PAGES),
    evidence_state.PART: evidence_state.PARTS,
    board_layout.LAYOUT: [*LAYOUTS, CUSTOM],
    board_layout.SHOWN: [panel.title for panel in PANELS.values()],
}


def head() -> str:
    """Draw the title, and beside it the switch between the pages; return the name of the chosen page."""
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


st.set_page_config(page_title="Regscope", page_icon=str(ICON), layout="wide", initial_sidebar_state=SIDEBAR)
style.apply()
session.begin(OFFERED)
refused = live_changes.agree(widgets.changeable)
with st.sidebar:
    view = head()
    settings = sidebar(refused)
PAGES[view].show(settings)
