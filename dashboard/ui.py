"""The script of every page: page setup, sidebar, and the chosen page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import _compat
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import CUSTOM, LAYOUTS
from dashboard.live.run_with_ghost import CHOICES
from dashboard.pages import style
from dashboard.pages.catalogue import PAGES
from dashboard.sidebar.phone_bar import phone_bar
from dashboard.sidebar.sidebar import draw_sidebar
from dashboard.state import board_layout, changing_keys, live_changes, navigation, session
from dashboard.state.pages import evidence_state
from dashboard.state.settings import parameters, widgets

ICON = Path(__file__).with_name("icon.svg")  # Streamlit fetches a named icon from the internet
SIDEBAR_WIDTH = 272  # pixels: one column of settings fits, and 1,008 of 1,280 pixels remain for the charts

# The choices of the query parameters that are not settings, by parameter.
QUERY_CHOICES = {
    navigation.PAGE_PARAMETER: list(PAGES),
    evidence_state.PART: evidence_state.PARTS,
    board_layout.LAYOUT_PARAMETER: [*LAYOUTS, CUSTOM],
    parameters.GHOST: CHOICES,
    board_layout.PANELS_PARAMETER: [panel.title for panel in PANELS.values()],
}


def page_switch() -> str:
    """Show the title and the switch between the pages; return the name of the chosen page."""
    *other_purposes, last_purpose = (page.purpose for page in PAGES.values())
    purposes = ", ".join(other_purposes)
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title("Regscope", anchor=False, width="content")
        page_name = navigation.current_page()
        key = changing_keys.key_of(navigation.SWITCH, page_name)
        st.segmented_control(
            "Page",
            list(PAGES),
            default=page_name,
            required=True,
            key=key,
            on_change=changing_keys.pass_choice,
            args=(key, navigation.switch_to),
            label_visibility="collapsed",
            help=f"{purposes[0].upper()}{purposes[1:]}, or {last_purpose}.",
        )
    navigation.write_address()
    return page_name


st.set_page_config(page_title="Regscope", page_icon=str(ICON), layout="wide", initial_sidebar_state=SIDEBAR_WIDTH)
style.apply_style_sheet()
with _compat.uninterrupted():
    session.start_script_run(QUERY_CHOICES)
    live_change_error = live_changes.synchronize(widgets.changeable_values)
with st.sidebar:
    page_name = page_switch()
    settings = draw_sidebar(live_change_error)
phone_bar(list(PAGES), page_name)
PAGES[page_name].show(settings)
