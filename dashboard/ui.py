"""The page: its setup, its sidebar and its view."""

from __future__ import annotations

import streamlit as st

from dashboard import controls, session, style
from dashboard.views import train

st.set_page_config(page_title="Regscope", page_icon=":material/show_chart:", layout="wide")
style.apply()
session.begin()
with st.sidebar:
    settings = controls.sidebar()
train.show(settings)
