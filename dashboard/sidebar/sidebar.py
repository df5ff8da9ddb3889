"""The sidebar: data, network, regularizer and training, from top to bottom."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.sidebar import carried_settings, data_section, network_section, regularizer, training_section
from dashboard.sidebar.reading import Settings, read_settings
from dashboard.state.settings import address
from dashboard.state.settings.page_settings import with_label
from engine import FieldError


def draw_sidebar(live_change_error: FieldError | None = None) -> Settings:
    """Show the sidebar and return its settings.

    Args:
        live_change_error: the error if the run refuses a change of its settings, else None.
    """
    error_slot = st.container()
    carried_settings.carried_line()
    data_section.section()
    network_section.section()
    regularizer.section(read_settings().warnings)
    training_section.section()
    settings = read_settings()
    if settings.link:
        address.update(settings.link, settings.pace)
    if problem := settings.problem or (live_change_error and with_label(str(live_change_error))):
        error_slot.error(escape_markdown(problem))
    return settings
