"""The page: its setup, its sidebar and its view."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import controls, live_changes, session, style
from dashboard.views import train

ICON = Path(__file__).with_name("icon.svg")  # a named icon would be fetched from the internet
SIDEBAR = 272  # pixels: every setting in one column, and the charts keep the rest of 1,280

st.set_page_config(page_title="Regscope", page_icon=str(ICON), layout="wide", initial_sidebar_state=SIDEBAR)
style.apply()
session.begin()
refused = live_changes.agree(controls.changeable)
with st.sidebar:
    settings = controls.sidebar(refused)
train.show(settings)
