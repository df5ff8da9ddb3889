"""Arguments of the sidebar's widgets, from the table of settings."""

from __future__ import annotations

from typing import Any

from dashboard.state.live_changes import APPLIED_LIVE, NEEDS_RESTART, help_with_effect_time, label_with_effect_icon
from dashboard.state.settings.widgets import slider_arguments, widget_arguments
from engine.config import SETTINGS
from engine.settings.kinds import Kind, Number, Whole


def labelled_widget_arguments(name: str, *, show_effect_time: bool = False) -> dict[str, Any]:
    """Return the arguments of a setting's widget: label, help, key and persistence.

    Args:
        name: the setting.
        show_effect_time: whether to show, while a run is open, when a change takes effect. False if the header of the
            section shows it.
    """
    setting = SETTINGS[name]
    if not show_effect_time:
        return {"label": setting.label, "help": setting.help, **widget_arguments(name)}
    effect = APPLIED_LIVE if setting.changeable else NEEDS_RESTART
    return {
        "label": label_with_effect_icon(setting.label, effect),
        "help": help_with_effect_time(setting.help, effect),
        **widget_arguments(name),
    }


def labelled_slider_arguments(name: str, *, show_effect_time: bool = False) -> dict[str, Any]:
    """Return the arguments of a setting's slider: label, help, key, persistence, range, step and number format."""
    return {**labelled_widget_arguments(name, show_effect_time=show_effect_time), **slider_arguments(name)}


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
