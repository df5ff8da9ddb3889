"""The line at the top of the sidebar: settings without a widget, which come from a link or a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.state.settings.widgets import reset_values_without_widget, values_without_widget
from engine import RunConfig
from engine.config import SETTINGS


def carried_line() -> None:
    """Show these settings with a button that resets them; show nothing if all have their defaults."""
    texts = differences(values_without_widget())
    if not texts:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="also_bar"):
        st.caption(f"Also set by the link: {escape_markdown(', '.join(texts))}", width="stretch")
        st.button(
            "Drop",
            key="drop_carried",
            type="tertiary",
            on_click=reset_values_without_widget,
            help="Reset them to their defaults. They come from the link or the run and have no field here.",
        )


def differences(values: Mapping[str, Any]) -> list[str]:
    """Return texts for the values that differ from those of the demonstration."""
    default = RunConfig.demo()
    return [SETTINGS[name].assignment(value) for name, value in values.items() if value != getattr(default, name)]
