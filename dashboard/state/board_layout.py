"""The layout of the board: one of the page's, or panels of a person's own choice."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from dashboard.charts import CUSTOM, LAYOUTS, PANELS
from dashboard.charts.panels.layouts import DEFAULT, Layout
from dashboard.state.settings import widgets

_ASKED = "asked"  # whether a layout was chosen on this page
_LAID = "laid"  # the layout that this browser has kept from another time

LAYOUT = "layout"  # the keys of its widgets, and the query parameters that keep it
SHOWN = "panels"


def layout() -> Layout:
    """The layout that this page shows."""
    name = st.session_state.get(LAYOUT) or DEFAULT
    panels = tuple(st.session_state.get(SHOWN) or ()) if name == CUSTOM else ()
    return Layout(name, panels, bool(st.session_state.get(_ASKED) or LAYOUT in st.query_params))


def choose_layout(name: str, panels: Iterable[str] = ()) -> None:
    """Choose a layout with the next script run: its widgets are made already in this one."""
    st.session_state[_LAID] = (name, tuple(panels))


def layout_chosen() -> None:
    """A person has chosen: what her browser kept from another time is no longer asked for.

    A custom layout begins with the panels of the one before.
    """
    st.session_state[_ASKED] = True
    before = widgets.remembered(LAYOUT, st.session_state[LAYOUT])
    if st.session_state[LAYOUT] == CUSTOM and not st.session_state.get(SHOWN):
        st.session_state[SHOWN] = list(LAYOUTS.get(before or DEFAULT, ()))


def panels_chosen() -> None:
    """A person has chosen panels of her own."""
    st.session_state[_ASKED] = True
    st.session_state[LAYOUT] = CUSTOM


def apply() -> None:
    """Show the layout of the last `choose_layout`; only before its widgets are made in this script run."""
    if laid := st.session_state.pop(_LAID, None):
        st.session_state[LAYOUT], panels = laid
        st.session_state[SHOWN] = [name for name in panels if name in PANELS]
        layout_chosen()


def take_address() -> None:
    """Note whether the address names a layout, when a page is opened: Streamlit removes the default from it."""
    st.session_state[_ASKED] = LAYOUT in st.query_params
