"""The page: its setup, its sidebar and its view."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.charts import CUSTOM, LAYOUTS, PANELS
from dashboard.pages import compare, runs, style, train
from dashboard.sidebar.sidebar import sidebar
from dashboard.state import board_layout, live_changes, navigation, session
from dashboard.state.pages import evidence_state
from dashboard.state.settings import widgets

ICON = Path(__file__).with_name("icon.svg")  # a named icon would be fetched from the internet
SIDEBAR = 272  # pixels: every setting in one column, and the charts keep the rest of 1,280

# The pages, by what the address calls them; the first one is shown where it names none.
VIEWS = {navigation.TRAIN: train.show, "compare": compare.show, "runs": runs.show}

# What an address can name beside the settings, by parameter.
OFFERED = {
    navigation.VIEW: list(VIEWS),
    evidence_state.PART: evidence_state.PARTS,
    board_layout.LAYOUT: [*LAYOUTS, CUSTOM],
    board_layout.SHOWN: [panel.title for panel in PANELS.values()],
}


def head() -> str:
    """The title, and beside it the switch between the pages; returns which one is chosen."""
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title("Regscope", anchor=False, width="content")
        chosen = st.segmented_control(
            "Page",
            list(VIEWS),
            default=navigation.TRAIN,
            required=True,
            key=navigation.VIEW,
            bind="query-params",
            label_visibility="collapsed",
            help="Train one network and watch all of it, compare several on the same axes, or go back to what is kept.",
        )
    return chosen if chosen in VIEWS else navigation.TRAIN


st.set_page_config(page_title="Regscope", page_icon=str(ICON), layout="wide", initial_sidebar_state=SIDEBAR)
style.apply()
session.begin(OFFERED)
refused = live_changes.agree(widgets.changeable)
with st.sidebar:
    view = head()
    settings = sidebar(refused)
VIEWS[view](settings)
