"""The sidebar: data, network, regularizer and training, from top to bottom."""

from __future__ import annotations

from dashboard.sidebar import carried_settings, data_section, network_section, regularizer, training_section
from dashboard.sidebar.field_errors import FieldErrors
from dashboard.sidebar.reading import Settings, read_settings
from dashboard.state.settings import address, widgets
from engine import FieldError


def draw_sidebar(live_change_error: FieldError | None = None) -> Settings:
    """Show the sidebar and return its settings.

    Args:
        live_change_error: the error if the run refuses a change of its settings, else None.
    """
    errors = FieldErrors()
    carried_settings.carried_line()
    errors.reserve(*widgets.FIELDS_WITHOUT_WIDGET)
    data_section.section(errors)
    network_section.section(errors)
    regularizer.section(read_settings().warnings, errors)
    training_section.section(errors)
    settings = read_settings()
    if settings.link:
        address.update(settings.link, settings.pace)
    if error := settings.error or live_change_error:
        errors.show(error)
    return settings
