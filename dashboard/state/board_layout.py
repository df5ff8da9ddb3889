"""The layout of the board: a named one, or panels that somebody chose."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import CUSTOM, DEFAULT_LAYOUT, LAYOUTS, Layout
from dashboard.state.settings import widgets

LAYOUT = "layout"  # keys of the widgets, and the query parameters
SHOWN = "panels"

_CHOSEN = "layout.chosen"  # whether a layout was chosen on this page
_NEXT = "layout.next"  # the layout to show with the next script run


def layout() -> Layout:
    """Return the layout of this page."""
    name = st.session_state.get(LAYOUT) or DEFAULT_LAYOUT
    panels = tuple(st.session_state.get(SHOWN) or ()) if name == CUSTOM else ()
    return Layout(name, panels, bool(st.session_state.get(_CHOSEN) or LAYOUT in st.query_params))


def choose_layout(name: str, panels: Iterable[str] = ()) -> None:
    """Show a layout with the next script run; its widgets cannot be set in this one."""
    st.session_state[_NEXT] = (name, tuple(panels))


def layout_chosen() -> None:
    """Handle a choice of a layout.

    The layout in the browser's memory is then ignored. A custom layout starts with the panels of the previous one.
    """
    st.session_state[_CHOSEN] = True
    before = widgets.previous(LAYOUT, st.session_state[LAYOUT])
    if st.session_state[LAYOUT] == CUSTOM and not st.session_state.get(SHOWN):
        st.session_state[SHOWN] = list(LAYOUTS.get(before or DEFAULT_LAYOUT, ()))


def panels_chosen() -> None:
    """Handle a choice of panels: the layout becomes the custom one."""
    st.session_state[_CHOSEN] = True
    st.session_state[LAYOUT] = CUSTOM


def apply() -> None:
    """Show the layout of the last `choose_layout`. Call this before its widgets are created."""
    if chosen := st.session_state.pop(_NEXT, None):
        st.session_state[LAYOUT], panels = chosen
        st.session_state[SHOWN] = [name for name in panels if name in PANELS]
        layout_chosen()


def read_address() -> None:
    """Note whether the address names a layout, before Streamlit removes a default one from it."""
    st.session_state[_CHOSEN] = LAYOUT in st.query_params
