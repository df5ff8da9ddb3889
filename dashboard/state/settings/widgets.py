"""The widgets of the sidebar: reading their values, and setting them from a config.

A widget may be coarser than its field: a slider moves in steps. A field therefore keeps the exact value that its
widget was set from until somebody moves the widget.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.state.settings.page_settings import PACES
from dashboard.state.settings.penalty_choice import LAMBDAS, choice_of, fields_of
from engine.config import SETTINGS, RunConfig
from engine.families.penalties import PENALTIES
from engine.learning.checkpoint import CHANGEABLE
from engine.settings.kinds import Number, Share, Whole, percent_of
from engine.settings.setting import Setting

SLIDER_STEP = 0.05
MAX_BROWSER_INTEGER = 2**53 - 1  # JavaScript rounds larger integers

WITH_WIDGET = tuple(name for name, setting in SETTINGS.items() if setting.widget)
# The page carries the values of the other fields from a link or a run.
CARRIED = tuple(name for name, setting in SETTINGS.items() if not setting.widget)

_KEY_PREFIX = "widget."
_PREVIOUS_PREFIX = "before."  # of the values that `previous` keeps
_SET_FROM = "set"  # by coarse field: the widget's value and the field's value when the widget was last set
_CARRIED = "carried"


def pace() -> float | None:
    """Return the mini-batches a second, or None for full speed."""
    return PACES[widget("pace")]


def key(name: str) -> str:
    """Return the key of the widget of a field."""
    return _KEY_PREFIX + name


def persistent(name: str) -> dict[str, Any]:
    """Return the arguments that all widgets of the sidebar share: the key, and that session state keeps the value.

    A browser creates a widget after its code has arrived or its popover is opened, which may be long after the
    script run. Without a kept value, such a widget starts at its minimum and sends that with the next click.
    """
    return {"key": key(name), "persist_state": "session"}


def widget(name: str) -> Any:
    """Return the value of a widget."""
    return st.session_state.get(key(name))


def set_widget(name: str, value: Any) -> None:
    """Set a widget: only in a callback, or before the widget is created in this script run."""
    st.session_state[key(name)] = value


def field_value(name: str) -> Any:
    """Return the value of a field from its widget.

    Raises:
        FieldError: for hidden layers that are not whole numbers.
    """
    setting, value = SETTINGS[name], widget(name)
    if name in LAMBDAS and name not in active_lambdas():
        return PENALTIES[name].off_value
    if setting.widget == "text":
        return setting.parse_typed(value)
    if setting.widget == "slider":
        value = round(value, 2) / (100 if _in_percent(setting) else 1)
    return _exact(name, value)


def fields() -> dict[str, Any]:
    """Return the value of every field that has a widget. Raises as `field_value`."""
    return {name: field_value(name) for name in WITH_WIDGET}


def changeable() -> dict[str, Any]:
    """Return the values of the fields that can change while a run trains."""
    return {name: field_value(name) for name in CHANGEABLE}


def active_lambdas() -> tuple[str, ...]:
    """Return the fields of the penalties that are switched on."""
    return fields_of(widget("penalty"))


def slider_scale(name: str) -> dict[str, Any]:
    """Return the range, step and number format of a slider, such that they fit the value that it was set from.

    They change only when the slider is set: a range that changed while somebody moves it would reset the slider.
    """
    setting = SETTINGS[name]
    assert isinstance(setting.kind, Number)
    unit, form = (100, "%d %%") if _in_percent(setting) else (1, "%.2f")
    top = SLIDER_STEP * math.floor(setting.kind.high / SLIDER_STEP)  # 0.95 for a probability, which is below 1
    shown, _ = st.session_state.get(_SET_FROM, {}).get(name, (0.0, None))
    if float(form.split()[0].replace("%d", "%.0f") % shown) != shown:
        form = form.replace("%.2f", "%g").replace("%d", "%g")
    return {
        "min_value": float(unit * setting.kind.low),
        "max_value": max(round(unit * top, 2), shown),
        "step": unit * SLIDER_STEP,
        "format": form,
    }


def previous(name: str, now: Any) -> Any:
    """Return the value that the last call with this name was given, and keep `now` for the next call."""
    before = st.session_state.get(_PREVIOUS_PREFIX + name)
    st.session_state[_PREVIOUS_PREFIX + name] = now
    return before


def widgets_match(config: RunConfig, ignore: str) -> bool:
    """Return whether the widgets have the values of a config, except the widget of the field `ignore`."""
    return all(widget(name) == value for name, value in _widget_values(config).items() if name != ignore)


def set_widgets(config: RunConfig, pace: float | None) -> None:
    """Set every widget from a config, and carry the fields that have none."""
    _set(config, _widget_values(config))
    set_widget("pace", next(name for name, value in PACES.items() if value == pace))
    st.session_state.setdefault(key("keep_ratio"), False)
    st.session_state[_CARRIED] = {name: getattr(config, name) for name in CARRIED}
    keep_previous()


def set_changeable(config: RunConfig) -> None:
    """Set the widgets of the fields that can change while a run trains."""
    values = _widget_values(config)
    _set(config, {name: values[name] for name in (*CHANGEABLE, "penalty")})


def carried() -> dict[str, Any]:
    """Return the fields without a widget, as the link or the run of this page has them."""
    return dict(st.session_state.get(_CARRIED, {}))


def drop_carried() -> None:
    """Reset the fields without a widget to their defaults."""
    st.session_state[_CARRIED] = {name: getattr(RunConfig.demo(), name) for name in CARRIED}


def with_carried(config: RunConfig) -> RunConfig:
    """Return a config with the fields that this page carries."""
    return replace(config, **carried())


def keep_previous() -> None:
    """Keep the values that callbacks compare with those after a change."""
    for name in ("dataset", "train_size"):
        previous(name, widget(name))


def _set(config: RunConfig, values: dict[str, Any]) -> None:
    set_from = dict(st.session_state.get(_SET_FROM, {}))
    for name, value in values.items():
        set_widget(name, value)
        if name in SETTINGS and _is_coarse(SETTINGS[name]):
            set_from[name] = (value, getattr(config, name))
    st.session_state[_SET_FROM] = set_from


def _is_coarse(setting: Setting) -> bool:
    """Return whether the widget of a setting cannot show all its values."""
    too_large = isinstance(setting.kind, Whole) and setting.kind.high > MAX_BROWSER_INTEGER
    return setting.widget == "slider" or (setting.widget == "number" and too_large)


def _in_percent(setting: Setting) -> bool:
    return setting.widget == "slider" and isinstance(setting.kind, Share)


def _exact(name: str, shown: Any) -> Any:
    """Return the value that a field's widget was set from, or `shown` if the widget was moved since."""
    set_from = st.session_state.get(_SET_FROM, {})
    return set_from[name][1] if name in set_from and widget(name) == set_from[name][0] else shown


def _widget_values(config: RunConfig) -> dict[str, Any]:
    """Return the values of all widgets for a config, by name."""
    values = {name: _widget_value(name, getattr(config, name)) for name in WITH_WIDGET}
    return {**values, "penalty": choice_of([name for name in LAMBDAS if getattr(config, name)])}


def _widget_value(name: str, value: Any) -> Any:
    setting = SETTINGS[name]
    if name in LAMBDAS:  # the slider of a penalty that is off stays where it is
        return value or widget(name) or PENALTIES[name].demo
    if setting.widget == "text":  # an empty field shows the placeholder
        return setting.display_text(value) if value else ""
    if _in_percent(setting):
        return float(percent_of(value))
    if setting.widget == "number" and value is not None and value > MAX_BROWSER_INTEGER:
        return None  # the empty field shows the value as its placeholder
    return value
