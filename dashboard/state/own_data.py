"""People's own data sets: the one that a dialog has added, and their removal."""

from __future__ import annotations

import streamlit as st

from dashboard.state import page_run
from dashboard.state.settings.widgets import remember, remembered, set_widget, widget
from engine import FieldError, RunConfig, load_dataset
from engine.data import forget, pool_size

_CHOSEN = "chosen"  # the data set that a dialog has chosen


def choose_next(dataset: str) -> None:
    """Choose a data set in the sidebar with the next script run: its widget is made already in this one."""
    st.session_state[_CHOSEN] = dataset


def apply() -> None:
    """Choose the data set of the last `choose_next`; only before the sidebar is made in this script run."""
    if chosen := st.session_state.pop(_CHOSEN, None):
        _choose(chosen)


def remove(name: str) -> None:
    """Delete somebody's own data set from the data folder, and go back to the bundled one."""
    try:
        forget(name)
    except FieldError as error:
        page_run.refuse(str(error))
        return
    set_widget("dataset", RunConfig().dataset)
    remembered("dataset", widget("dataset"))


def _choose(name: str) -> None:
    """Choose somebody's own set that was just added: all its examples, and no label corrupted unless asked for."""
    set_widget("dataset", name)
    set_widget("label_noise", 0.0)
    try:
        split = RunConfig(dataset=name, validation_share=widget("validation_share"))
        set_widget("train_size", pool_size(split, load_dataset(name)))
    except FieldError:
        pass  # removed meanwhile: the sidebar says so
    remember()
