"""The widgets of the sidebar: read their values, and set them from a config.

A widget may be coarser than its field, because a slider moves in steps. The exact value that a widget was set from is
therefore stored, and it remains the value of the field until the user moves the widget.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.state.settings.page_settings import PACES, nearest_pace_name
from dashboard.state.settings.regularizer_choice import (
    COMBINE,
    LAMBDA_FIELDS,
    PART_FIELDS,
    START_VALUES,
    active_fields,
    choice_of,
    chosen_fields,
    off_value,
    part_names,
)
from engine.config import SETTINGS, RunConfig
from engine.learning.checkpoint import CHANGEABLE_FIELDS
from engine.settings.kinds import Number, Share, Whole, percent_of
from engine.settings.setting import Setting

SLIDER_STEP = 0.05
CHOICE_WIDGETS = ("regularizer", "parts")  # which regularizers are on
MAX_BROWSER_INTEGER = 2**53 - 1  # JavaScript rounds larger integers

FIELDS_WITH_WIDGET = tuple(name for name, setting in SETTINGS.items() if setting.widget)
# The link or the run of the page sets these fields.
FIELDS_WITHOUT_WIDGET = tuple(name for name, setting in SETTINGS.items() if not setting.widget)

_KEY_PREFIX = "widget."
_SETS = "widget.sets"  # by widget, how often the program has changed its value
_PREVIOUS_PREFIX = "before."  # prefix of the keys that `exchange_previous` uses
_EXACT_VALUES = "set"  # {field: (value of the widget, exact value of the field)} when the program last set the widget
_VALUES_WITHOUT_WIDGET = "carried"


def selected_pace() -> float | None:
    """Return the mini-batches a second, or None for full speed."""
    return PACES[widget_value("pace")]


def widget_key(name: str) -> str:
    """Return the key of the widget of a field, which is another one each time the program has changed the value.

    A browser may send the value from before the change once more, and that would take the change back. With another key
    it is the value of a widget that is gone.
    """
    sets = st.session_state.get(_SETS, {}).get(name, 0)
    return f"{_KEY_PREFIX}{name}.{sets}" if sets else _KEY_PREFIX + name


def widget_arguments(name: str) -> dict[str, Any]:
    """Return the key of a widget, and the option to store its value in session state.

    A browser may create a widget long after the script run, for instance when its popover is opened. Without a stored
    value, the widget would start at its minimum and send that with the next click.
    """
    return {"key": widget_key(name), "persist_state": "session"}


def widget_value(name: str) -> Any:
    """Return the value of a widget."""
    return st.session_state.get(widget_key(name))


def set_widget(name: str, value: Any) -> None:
    """Set a widget; allowed only in a callback, or before the widget is created in this script run."""
    key = widget_key(name)
    if key in st.session_state and st.session_state[key] != value:
        del st.session_state[key]
        sets = st.session_state.get(_SETS, {})
        st.session_state[_SETS] = {**sets, name: sets.get(name, 0) + 1}
    st.session_state[widget_key(name)] = value


def field_value(name: str) -> Any:
    """Return the value of a field from its widget.

    Raises:
        FieldError: if the text of the field is invalid, such as hidden layers that are not whole numbers.
    """
    setting, value = SETTINGS[name], widget_value(name)
    if name in PART_FIELDS and name not in active_regularizers():
        return off_value(name)
    if setting.widget == "text":
        return setting.parse_typed(value)
    if setting.widget == "slider":
        value = round(value, 2) / (100 if _in_percent(setting) else 1)
    return _exact_value(name, value)


def field_values() -> dict[str, Any]:
    """Return the value of every field that has a widget. Raises as `field_value`."""
    return {name: field_value(name) for name in FIELDS_WITH_WIDGET}


def changeable_values() -> dict[str, Any]:
    """Return the values of the fields that can change while a run trains."""
    return {name: field_value(name) for name in CHANGEABLE_FIELDS}


def active_regularizers() -> tuple[str, ...]:
    """Return the fields of the regularizers that are on, see `regularizer_choice`."""
    return chosen_fields(widget_value("regularizer"), widget_value("parts") or ())


def active_penalties() -> tuple[str, ...]:
    """Return the fields of the penalties with a λ that are on."""
    return tuple(field for field in active_regularizers() if field in LAMBDA_FIELDS)


def slider_arguments(name: str) -> dict[str, Any]:
    """Return the range, step and number format of a slider.

    They depend on the value that the program last gave to the slider, which may be above the usual maximum or have more
    digits. They stay the same while the user moves the slider, because a new range would reset it.
    """
    setting = SETTINGS[name]
    assert isinstance(setting.kind, Number)
    scale, number_format = (100, "%d %%") if _in_percent(setting) else (1, "%.2f")
    maximum = SLIDER_STEP * math.floor(setting.kind.high / SLIDER_STEP)  # 0.95 for a probability, which is below 1
    last_set, _ = st.session_state.get(_EXACT_VALUES, {}).get(name, (0.0, None))
    # the format would round the value
    if float(number_format.split()[0].replace("%d", "%.0f") % last_set) != last_set:
        number_format = number_format.replace("%.2f", "%g").replace("%d", "%g")
    return {
        "min_value": float(scale * setting.kind.low),
        "max_value": max(round(scale * maximum, 2), last_set),
        "step": scale * SLIDER_STEP,
        "format": number_format,
    }


def exchange_previous(name: str, current: Any) -> Any:
    """Return the value stored under this name, and store `current` in its place."""
    previous = st.session_state.get(_PREVIOUS_PREFIX + name)
    st.session_state[_PREVIOUS_PREFIX + name] = current
    return previous


def widgets_match(config: RunConfig, ignore: str) -> bool:
    """Return whether the widgets have the values of a config, except the widget of the field `ignore`."""
    return all(widget_value(name) == value for name, value in _values_for_widgets(config).items() if name != ignore)


def stored_values() -> dict[str, Any]:
    """Return the values of all widgets, for `restore_values`."""
    return {name: widget_value(name) for name in (*FIELDS_WITH_WIDGET, *CHOICE_WIDGETS, "pace")} | {
        _EXACT_VALUES: dict(st.session_state.get(_EXACT_VALUES, {}))
    }


def restore_values(values: Mapping[str, Any]) -> None:
    """Set all widgets to values of `stored_values`; allowed only in a callback."""
    for name, value in values.items():
        if name != _EXACT_VALUES:
            set_widget(name, value)
    st.session_state[_EXACT_VALUES] = dict(values[_EXACT_VALUES])
    store_previous_values()


def set_widgets(config: RunConfig, pace: float | None) -> None:
    """Set every widget from a config, and store the values of the fields without a widget.

    A pace that the page does not offer becomes the nearest one.
    """
    _set_values(config, _values_for_widgets(config))
    set_widget("pace", nearest_pace_name(pace))
    st.session_state.setdefault(widget_key("keep_ratio"), False)
    st.session_state[_VALUES_WITHOUT_WIDGET] = {name: getattr(config, name) for name in FIELDS_WITHOUT_WIDGET}
    store_previous_values()


def set_changeable_widgets(config: RunConfig) -> None:
    """Set the widgets of the fields that can change while a run trains."""
    values = _values_for_widgets(config)
    _set_values(config, {name: values[name] for name in (*CHANGEABLE_FIELDS, *CHOICE_WIDGETS)})


def values_without_widget() -> dict[str, Any]:
    """Return the values of the fields without a widget, which come from the link or the run of this page."""
    return dict(st.session_state.get(_VALUES_WITHOUT_WIDGET, {}))


def reset_values_without_widget() -> None:
    """Reset the fields without a widget to their defaults."""
    st.session_state[_VALUES_WITHOUT_WIDGET] = {name: getattr(RunConfig.demo(), name) for name in FIELDS_WITHOUT_WIDGET}


def add_values_without_widget(config: RunConfig) -> RunConfig:
    """Return a config with the values of `values_without_widget`."""
    return replace(config, **values_without_widget())


def store_previous_values() -> None:
    """Store the values that callbacks compare with the values after a change."""
    for name in ("dataset", "train_size", "regularizer"):
        exchange_previous(name, widget_value(name))


def _set_values(config: RunConfig, values: dict[str, Any]) -> None:
    exact_values = dict(st.session_state.get(_EXACT_VALUES, {}))
    for name, value in values.items():
        set_widget(name, value)
        if name in SETTINGS and _has_coarse_widget(SETTINGS[name]):
            is_off = name in PART_FIELDS and getattr(config, name) == off_value(name)
            exact_values[name] = (value, value if is_off else getattr(config, name))
    st.session_state[_EXACT_VALUES] = exact_values


def _has_coarse_widget(setting: Setting) -> bool:
    """Return whether the widget of a setting cannot show all values of the setting."""
    too_large = isinstance(setting.kind, Whole) and setting.kind.high > MAX_BROWSER_INTEGER
    return setting.widget == "slider" or (setting.widget == "number" and too_large)


def _in_percent(setting: Setting) -> bool:
    return setting.widget == "slider" and isinstance(setting.kind, Share)


def _exact_value(name: str, coarse_value: Any) -> Any:
    """Return the exact value of a field, or `coarse_value` if the user has moved its widget."""
    exact_values = st.session_state.get(_EXACT_VALUES, {})
    if name in exact_values and widget_value(name) == exact_values[name][0]:
        return exact_values[name][1]
    return coarse_value


def _values_for_widgets(config: RunConfig) -> dict[str, Any]:
    """Return the values of all widgets for a config, by name."""
    values = {name: _value_for_widget(name, getattr(config, name)) for name in FIELDS_WITH_WIDGET}
    active = active_fields({name: getattr(config, name) for name in PART_FIELDS})
    choice = choice_of(active)
    parts = part_names(active) if choice == COMBINE else widget_value("parts") or []  # kept for the next combination
    return {**values, "regularizer": choice, "parts": parts}


def _value_for_widget(name: str, value: Any) -> Any:
    setting = SETTINGS[name]
    if name in PART_FIELDS:  # the widget of a regularizer that is off keeps its value
        return value or widget_value(name) or START_VALUES[name]
    if setting.widget == "text":  # an empty field shows the placeholder
        return setting.display_text(value) if value else ""
    if _in_percent(setting):
        return float(percent_of(value))
    if setting.widget == "number" and value is not None and value > MAX_BROWSER_INTEGER:
        return None  # the empty field shows the value as its placeholder
    return value
