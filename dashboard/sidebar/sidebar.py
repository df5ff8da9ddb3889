"""The sidebar: data, network, regularizer and training, from top to bottom."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.sidebar import carried_settings, data_section, network_section, regularizer, training_section
from dashboard.sidebar.reading import Settings, read
from dashboard.state.settings import address
from dashboard.state.settings.page_settings import with_label
from engine import FieldError


def sidebar(refused: FieldError | None = None) -> Settings:
    """Draw the sidebar and return its settings.

    Args:
        refused: the reason if a change of the run in progress cannot be made, or None.
    """
    message = st.container()
    carried_settings.line()
    data_section.section()
    network_section.section()
    regularizer.section(read().warned)
    training_section.section()
    settings = read()
    if settings.link:
        address.update(settings.link, settings.pace)
    if problem := settings.problem or (refused and with_label(str(refused))):
        message.error(escape_markdown(problem))
    return settings
