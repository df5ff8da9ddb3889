"""Settings that suit a data set: they are applied when the data set changes, and the user can take that back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import streamlit as st

from dashboard.state.settings import suggested, widgets
from dashboard.state.settings.page_settings import DEFAULT_PACE, FIRST_PACE
from engine import RunConfig
from engine.analysis.suggested import FIELDS, suited_config
from engine.data import PLANAR
from engine.errors import FieldError

PLANAR_PACE = 1_000.0  # mini-batches per second; a demonstration with planar data has 20,000, so it takes 20 seconds

_BEFORE = "suited.before"  # (data set that the settings were applied for, values of all widgets before)
_APPLIED = "suited.applied"  # values of all widgets afterwards


def apply(name: str, current: tuple[RunConfig, float | None] | None = None) -> None:
    """Set all widgets but the seed to settings that suit a data set; allowed only in a callback.

    Args:
        name: the data set. current: settings and pace of the run in training, which suit its own data set: other
            settings would change the run.
    """
    before = widgets.stored_values()
    pace = widgets.selected_pace()
    if pace in (DEFAULT_PACE, FIRST_PACE, PLANAR_PACE):
        pace = PLANAR_PACE if name in PLANAR else FIRST_PACE
    config = suited_config(name)
    if current is not None and current[0].dataset == name:
        config, pace = current
    with suppress(FieldError):  # the field is empty
        config = replace(config, seed=widgets.field_value("seed"))
    config = widgets.add_values_without_widget(config)
    changes_more = not widgets.widgets_match(config, ignore="dataset")
    widgets.set_widgets(config, pace)
    suggested.mark_applied({field: widgets.widget_value(field) for field in FIELDS})
    st.session_state[_BEFORE] = (name, before) if changes_more else None


def remember_applied() -> None:
    """Remember the applied settings, after they were limited to the size of the data set."""
    st.session_state[_APPLIED] = widgets.stored_values()


def was_applied() -> bool:
    """Return whether the settings of the sidebar are those that were applied with the last change of the data set."""
    applied = st.session_state.get(_APPLIED)
    return st.session_state.get(_BEFORE) is not None and applied == widgets.stored_values()


def take_back() -> None:
    """Set all widgets but the data set to their values before `apply`; allowed only in a callback."""
    before = st.session_state.pop(_BEFORE, None)
    if before is not None:
        name, values = before
        widgets.restore_values({**values, "dataset": name})
