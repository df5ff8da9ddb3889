"""The sidebar's section about training: learning rate, mini-batch, epochs and seed."""

from __future__ import annotations

import math

import streamlit as st

from dashboard.charts import numbers
from dashboard.sidebar.described import described, limits, with_value
from dashboard.sidebar.examples import training_examples
from dashboard.state.live_changes import RESTART, explained, marked
from dashboard.state.settings.widgets import LARGEST, seed, widget

LEARNING_RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0]


def section() -> None:
    """Draw the section."""
    st.header(
        marked("Training", RESTART),
        help=explained("", RESTART) and f"{RESTART.says} The learning rate does not: it is felt at once.",
    )
    st.select_slider(
        options=with_value(LEARNING_RATES, widget("learning_rate")),
        format_func=numbers.exact,
        **described("learning_rate", mark=True),
    )
    left, right = st.columns(2)
    left.number_input(step=1, **limits("mini_batch_size"), **described("mini_batch_size"))
    right.number_input(step=10, **limits("epochs"), **described("epochs"))
    left, right = st.columns(2, vertical_alignment="bottom")
    right.caption(_updates())
    left.number_input(
        step=1,
        placeholder=str(seed()),  # a seed beyond what a browser can count to leaves the field empty
        **{**limits("seed"), "max_value": LARGEST},
        **described("seed"),
    )


def _updates() -> str:
    """The number of updates an epoch and in all."""
    n, m, epochs = training_examples(), widget("mini_batch_size"), widget("epochs")
    if not n or not m or not epochs:
        return ""
    per_epoch = math.ceil(n / m)
    return f"{numbers.count(per_epoch)} steps an epoch, {numbers.count(per_epoch * epochs)} in all"
