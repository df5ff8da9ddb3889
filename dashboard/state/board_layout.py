"""The layout of the board: a named one, or the custom one with panels that the user chose."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import CUSTOM, DEFAULT_LAYOUT, LAYOUTS, Layout
from dashboard.state.settings import widgets

LAYOUT_PARAMETER = "layout"  # keys of the widgets, and the query parameters
PANELS_PARAMETER = "panels"

_WAS_CHOSEN = "layout.chosen"  # True if the user chose a layout on this page or the address names one
_NEXT = "layout.next"  # the layout to show with the next script run


def current_layout() -> Layout:
    """Return the layout of this page."""
    name = st.session_state.get(LAYOUT_PARAMETER) or DEFAULT_LAYOUT
    panels = tuple(st.session_state.get(PANELS_PARAMETER) or ()) if name == CUSTOM else ()
    return Layout(name, panels, bool(st.session_state.get(_WAS_CHOSEN) or LAYOUT_PARAMETER in st.query_params))


def choose_in_next_run(name: str, panels: Iterable[str] = ()) -> None:
    """Show a layout from the next script run on, because its widgets cannot be set any more in this one."""
    st.session_state[_NEXT] = (name, tuple(panels))


def on_layout_change() -> None:
    """Handle a change of the layout.

    The layout that the browser has stored is then ignored. The custom layout starts with the panels of the previous
    layout.
    """
    st.session_state[_WAS_CHOSEN] = True
    previous_layout = widgets.exchange_previous(LAYOUT_PARAMETER, st.session_state[LAYOUT_PARAMETER])
    if st.session_state[LAYOUT_PARAMETER] == CUSTOM and not st.session_state.get(PANELS_PARAMETER):
        st.session_state[PANELS_PARAMETER] = list(LAYOUTS.get(previous_layout or DEFAULT_LAYOUT, ()))


def on_panels_change() -> None:
    """Handle a change of the panels, which selects the custom layout."""
    st.session_state[_WAS_CHOSEN] = True
    st.session_state[LAYOUT_PARAMETER] = CUSTOM


def apply() -> None:
    """Set the layout of the last `choose_in_next_run`; call this before its widgets are created."""
    if next_layout := st.session_state.pop(_NEXT, None):
        st.session_state[LAYOUT_PARAMETER], panels = next_layout
        st.session_state[PANELS_PARAMETER] = [name for name in panels if name in PANELS]
        on_layout_change()


def read_address() -> None:
    """Store whether the address names a layout; call this before Streamlit removes a default value from it."""
    st.session_state[_WAS_CHOSEN] = LAYOUT_PARAMETER in st.query_params
