"""Widgets of the sidebar as the table of settings describes them."""

from __future__ import annotations

from typing import Any

from dashboard.state.live_changes import AT_ONCE, RESTART, explained, marked
from dashboard.state.settings.widgets import kept
from engine.config import SETTINGS
from engine.settings import Kind, Number, Whole


def described(name: str, *, mark: bool = False) -> dict[str, Any]:
    """Return the arguments of a setting's widget: label, help and key.

    Args:
        name: the setting.
        mark: show when a change takes effect while a run is open. Leave it out where the section's header shows it.
    """
    setting = SETTINGS[name]
    if not mark:
        return {"label": setting.label, "help": setting.help, **kept(name)}
    when = AT_ONCE if setting.changeable else RESTART
    return {"label": marked(setting.label, when), "help": explained(setting.help, when), **kept(name)}


def limits(name: str) -> dict[str, Any]:
    """Return the bounds of a setting as arguments of a number input."""
    kind: Kind = SETTINGS[name].kind
    if isinstance(kind, Number):  # Streamlit wants every argument of a widget to be of one type
        return {"min_value": float(kind.low), "max_value": float(kind.high)}
    assert isinstance(kind, Whole)
    return {"min_value": kind.low, "max_value": kind.high}


def choices(name: str) -> list[str]:
    """Return the names that a setting can have."""
    kind: Any = SETTINGS[name].kind
    return list(kind.choices)


def with_value(options: list[Any], value: Any) -> list[Any]:
    """Return options in order, with a value from elsewhere that is not one of them; None stays first."""
    values = {option for option in (*options, value) if option is not None}
    return [*([None] if None in options else []), *sorted(values)]
