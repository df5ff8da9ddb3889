"""The regularizer set with keys and buttons of the projector mode: which one, and a weaker or stronger one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.state.settings import suggested, widgets
from dashboard.state.settings.page_settings import PACES
from dashboard.state.settings.regularizer_choice import (
    CHOICES,
    COMBINE,
    DROPOUT,
    LAMBDA_FIELDS,
    NAMES,
    NONE,
    PARTS,
)
from engine.config import SETTINGS

MAX_OLD_VALUES = 2
# By widget: its value before a change, the value after, whether a script run has ended since, the old values so far.
_STEERED = "steered"

STRENGTHS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
DROP_PROBABILITIES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def choose(choice: str, train_size: int | None) -> None:
    """Switch on a regularizer of the row; allowed only in a callback.

    Args:
        choice: one of `CHOICES`. train_size: the number of training examples in use, for the suggested strength.
    """
    _set("regularizer", choice)
    prepare_choice(train_size)


def prepare_choice(train_size: int | None) -> None:
    """Prepare the regularizers that were just switched on in the row; allowed only in a callback."""
    choice = widgets.widget_value("regularizer")
    before = widgets.exchange_previous("regularizer", choice)
    if choice == COMBINE and before != COMBINE and not widgets.widget_value("parts"):
        # the one that was on, with one of the other kind
        others = {NAMES[LAMBDA_FIELDS[0]]} if before in (None, NONE, NAMES[DROPOUT]) else {before}
        widgets.set_widget("parts", [part for part in PARTS if part in {*others, NAMES[DROPOUT]}])
    if choice not in (before, NONE, COMBINE):  # measured is each regularizer alone
        suggested.apply_where_untouched(widgets.active_regularizers(), train_size)


def steered_field() -> str | None:
    """Return the field that `change_strength` changes: the first λ that is on, or dropout; None without either."""
    return next((field for field in (*LAMBDA_FIELDS, DROPOUT) if field in widgets.active_regularizers()), None)


def change_strength(direction: int) -> None:
    """Make the regularizer stronger (1) or weaker (−1) by one step of its list; allowed only in a callback."""
    field = steered_field()
    if field is None:
        return
    value = widgets.widget_value(field)
    values = DROP_PROBABILITIES if field == DROPOUT else STRENGTHS
    beyond = [other for other in values if (other - value) * direction > 1e-9]
    if beyond:
        _set(field, min(beyond) if direction > 0 else max(beyond))
        suggested.mark_moved(field)


def change_pace(direction: int) -> None:
    """Choose the next faster (1) or slower (−1) pace of the page; allowed only in a callback."""
    names = list(PACES)
    index = names.index(widgets.widget_value("pace")) + direction
    _set("pace", names[max(0, min(index, len(names) - 1))])


def is_old_value(name: str) -> bool:
    """Return whether a widget has the value from before it was steered; then it gets the new one again.

    While a new value is on its way to the browser, the board may cause another script run, whose request still has the
    old one: a key would have no effect. Call it first in the callback of a widget. It is true at most `MAX_OLD_VALUES`
    times for each change, so that a user who chooses the old value again gets it.
    """
    steered = st.session_state.get(_STEERED, {})
    old, new, _, count = steered.pop(name, (None, None, True, MAX_OLD_VALUES))
    if old is None or widgets.widget_value(name) != old:
        return False
    widgets.set_widget(name, new)
    if count + 1 < MAX_OLD_VALUES:
        steered[name] = old, new, False, count + 1
    return True


def confirm_values() -> None:
    """Forget values from before a change once the browser has sent the new ones; call it in every script run."""
    steered = st.session_state.get(_STEERED, {})
    # in the script run of the change itself the browser does not have the new value yet
    st.session_state[_STEERED] = {
        name: (old, new, True, count) for name, (old, new, seen, count) in steered.items() if not seen
    }


def _set(name: str, value: Any) -> None:
    old = widgets.widget_value(name)
    if value != old:
        widgets.set_widget(name, value)
        st.session_state[_STEERED] = {**st.session_state.get(_STEERED, {}), name: (old, value, False, 0)}


def summary() -> dict[str, Any]:
    """Return what the projector mode shows: the choices, the one that is on, its strength in words, and the pace."""
    field = steered_field()
    strength = SETTINGS[field].assignment(widgets.widget_value(field)) if field else ""
    return {
        "choices": list(CHOICES),
        "choice": widgets.widget_value("regularizer"),
        "strength": strength,
        "pace": str(widgets.widget_value("pace")),
        "canSteer": field is not None,
    }
