"""The line at the top of the sidebar: settings of a link or a run that have no widget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.state.settings.widgets import carried, drop_carried
from engine import RunConfig
from engine.config import SETTINGS


def line() -> None:
    """Draw the line with a button that resets the settings; draw nothing if all have their defaults."""
    found = differences(carried())
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="also_bar"):
        st.caption(f"Also set by the link: {escape_markdown(', '.join(found))}", width="stretch")
        st.button(
            "Drop",
            key="drop_carried",
            type="tertiary",
            on_click=drop_carried,
            help="Reset them to their defaults. They came with the link or the run and have no field here.",
        )


def differences(values: Mapping[str, Any]) -> list[str]:
    """Return the values that differ from those of the demonstration, in words."""
    default = RunConfig.demo()
    return [SETTINGS[name].assignment(value) for name, value in values.items() if value != getattr(default, name)]
