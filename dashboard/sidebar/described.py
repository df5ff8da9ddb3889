"""Arguments of the sidebar's widgets, from the table of settings."""

from __future__ import annotations

from typing import Any

from dashboard.state.live_changes import APPLIED_LIVE, NEEDS_RESTART, with_icon, with_sentence
from dashboard.state.settings.widgets import persistent, slider_scale
from engine.config import SETTINGS
from engine.settings.kinds import Kind, Number, Whole


def described(name: str, *, mark: bool = False) -> dict[str, Any]:
    """Return the arguments of a setting's widget: label, help, key and persistence.

    Args:
        name: the setting.
        mark: show when a change takes effect while a run is open. Omit it if the section's header shows it.
    """
    setting = SETTINGS[name]
    if not mark:
        return {"label": setting.label, "help": setting.help, **persistent(name)}
    when = APPLIED_LIVE if setting.changeable else NEEDS_RESTART
    return {"label": with_icon(setting.label, when), "help": with_sentence(setting.help, when), **persistent(name)}


def slider(name: str, *, mark: bool = False) -> dict[str, Any]:
    """Return the arguments of a setting's slider: those of `described`, range, step and number format."""
    return {**described(name, mark=mark), **slider_scale(name)}


def limits(name: str) -> dict[str, Any]:
    """Return the bounds of a setting as arguments of a number input."""
    kind: Kind = SETTINGS[name].kind
    if isinstance(kind, Number):  # Streamlit requires one type for all arguments of a widget
        return {"min_value": float(kind.low), "max_value": float(kind.high)}
    assert isinstance(kind, Whole)
    return {"min_value": kind.low, "max_value": kind.high}


def choices(name: str) -> list[str]:
    """Return the names that a setting can have."""
    kind: Any = SETTINGS[name].kind
    return list(kind.choices)


def with_value(options: list[Any], value: Any) -> list[Any]:
    """Return sorted options that include a value; None stays first."""
    values = {option for option in (*options, value) if option is not None}
    return [*([None] if None in options else []), *sorted(values)]
