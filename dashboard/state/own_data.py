"""Users' own data sets: choose one that was added, and remove one."""

from __future__ import annotations

import streamlit as st

from dashboard.state import page_run
from dashboard.state.settings.widgets import exchange_previous, set_widget, store_previous_values, widget_value
from engine import FieldError, RunConfig, load_dataset
from engine.data import forget, pool_size

_CHOSEN = "chosen"  # the data set to choose with the next script run


def choose_in_next_run(dataset: str) -> None:
    """Choose a data set in the next script run, because its widget cannot be set any more in this one."""
    st.session_state[_CHOSEN] = dataset


def apply() -> None:
    """Set the data set of the last `choose_in_next_run`; call this before the sidebar is created."""
    if dataset := st.session_state.pop(_CHOSEN, None):
        _choose(dataset)


def remove(name: str) -> None:
    """Delete a user's own data set from the data folder, and choose the default data set."""
    try:
        forget(name)
    except FieldError as error:
        page_run.set_error(str(error))
        return
    set_widget("dataset", RunConfig().dataset)
    exchange_previous("dataset", widget_value("dataset"))


def _choose(name: str) -> None:
    """Choose a data set that was just added, with its whole training pool and no label noise."""
    set_widget("dataset", name)
    set_widget("label_noise", 0.0)
    try:
        split = RunConfig(dataset=name, validation_share=widget_value("validation_share"))
        set_widget("train_size", pool_size(split, load_dataset(name)))
    except FieldError:
        pass  # another user has removed it meanwhile; the sidebar shows an error
    store_previous_values()
