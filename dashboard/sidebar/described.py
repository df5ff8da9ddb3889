"""Arguments of the sidebar's widgets, from the table of settings."""

from __future__ import annotations

from typing import Any

from dashboard.state.live_changes import APPLIED_LIVE, NEEDS_RESTART, help_with_sentence, label_with_icon
from dashboard.state.settings.widgets import slider_arguments, widget_arguments
from engine.config import SETTINGS
from engine.settings.kinds import Kind, Number, Whole


def widget_description(name: str, *, with_effect: bool = False) -> dict[str, Any]:
    """Return the arguments of a setting's widget: label, help, key and persistence.

    Args:
        name: the setting.
        with_effect: show when a change takes effect while a run is open; False if the header of the section shows it.
    """
    setting = SETTINGS[name]
    if not with_effect:
        return {"label": setting.label, "help": setting.help, **widget_arguments(name)}
    effect = APPLIED_LIVE if setting.changeable else NEEDS_RESTART
    return {
        "label": label_with_icon(setting.label, effect),
        "help": help_with_sentence(setting.help, effect),
        **widget_arguments(name),
    }


def slider_with_description(name: str, *, with_effect: bool = False) -> dict[str, Any]:
    """Return the arguments of a setting's slider: those of `widget_description`, range, step and number format."""
    return {**widget_description(name, with_effect=with_effect), **slider_arguments(name)}


def number_limits(name: str) -> dict[str, Any]:
    """Return the bounds of a setting as arguments of a number input."""
    kind: Kind = SETTINGS[name].kind
    if isinstance(kind, Number):  # Streamlit requires one type for all arguments of a widget
        return {"min_value": float(kind.low), "max_value": float(kind.high)}
    assert isinstance(kind, Whole)
    return {"min_value": kind.low, "max_value": kind.high}


def choices(name: str) -> list[str]:
    """Return the names that are values of a setting."""
    kind: Any = SETTINGS[name].kind
    return list(kind.choices)


def with_value(options: list[Any], value: Any) -> list[Any]:
    """Return sorted options with a value added; None is first if it is an option."""
    values = {option for option in (*options, value) if option is not None}
    return [*([None] if None in options else []), *sorted(values)]
