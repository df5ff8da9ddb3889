"""Suggested strengths in the sidebar: a regularizer that is switched on starts with the one for the chosen data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from dashboard.state.settings import widgets
from dashboard.state.settings.regularizer_choice import START_VALUES
from engine import RunConfig
from engine.analysis.suggested import FIELDS, Suggestion, suggestion

_MOVED = "suggested.moved"  # the fields whose widget the user has moved
_APPLIED = "suggested.applied"  # {field: the value that the program last gave to its widget}


def suggestion_for(field: str, train_size: int | None) -> Suggestion | None:
    """Return the suggested strength for the data in the sidebar; None if there is none.

    Args:
        field: of the regularizer. train_size: the number of training examples in use.
    """
    noise = widgets.widget_value("label_noise")
    if field not in FIELDS or not train_size or noise is None:
        return None
    config = RunConfig(dataset=widgets.widget_value("dataset"), label_noise=widgets.field_value("label_noise"))
    return suggestion(config, field, train_size)


def apply_where_untouched(fields: Iterable[str], train_size: int | None) -> None:
    """Give suggested strengths to the widgets that the user has not moved; allowed only in a callback."""
    for field in fields:
        value = widgets.widget_value(field)
        is_moved = field in st.session_state.get(_MOVED, ())
        if not is_moved and value in (START_VALUES[field], st.session_state.get(_APPLIED, {}).get(field)):
            apply(field, train_size)


def mark_applied(values: Mapping[str, Any]) -> None:
    """Remember the values that the program has given to the widgets of fields."""
    st.session_state[_APPLIED] = {**st.session_state.get(_APPLIED, {}), **values}


def mark_moved(field: str) -> None:
    """Remember whether the user has moved the widget of a field away from the value that the program gave it."""
    others = {*st.session_state.get(_MOVED, ())} - {field}
    is_moved = widgets.widget_value(field) != st.session_state.get(_APPLIED, {}).get(field)
    st.session_state[_MOVED] = others | {field} if is_moved else others


def apply(field: str, train_size: int | None) -> None:
    """Give the suggested strength to the widget of a field; allowed only in a callback."""
    if suggested := suggestion_for(field, train_size):
        widgets.set_widget(field, suggested.strength)
        mark_applied({field: suggested.strength})
