"""The sidebar's section about training: learning rate, mini-batch, epochs and seed."""

from __future__ import annotations

import math

import streamlit as st

from dashboard.charts import numbers
from dashboard.sidebar.examples import training_example_count
from dashboard.sidebar.field_errors import FieldErrors
from dashboard.sidebar.labelled_widgets import labelled_widget_arguments, number_limits, with_value
from dashboard.state.live_changes import NEEDS_RESTART, help_with_effect_time, label_with_effect_icon
from dashboard.state.settings.widgets import MAX_BROWSER_INTEGER, field_value, widget_value

LEARNING_RATES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0]


def section(errors: FieldErrors) -> None:
    """Draw the section."""
    st.header(
        label_with_effect_icon("Training", NEEDS_RESTART),
        help=help_with_effect_time("", NEEDS_RESTART)
        and f"{NEEDS_RESTART.sentence} A new learning rate takes effect with the next mini-batch.",
    )
    st.select_slider(
        options=with_value(LEARNING_RATES, widget_value("learning_rate")),
        format_func=numbers.exact,
        **labelled_widget_arguments("learning_rate", show_effect_time=True),
    )
    errors.reserve("learning_rate")
    left, right = st.columns(2)
    left.number_input(step=1, **number_limits("mini_batch_size"), **labelled_widget_arguments("mini_batch_size"))
    right.number_input(step=10, **number_limits("epochs"), **labelled_widget_arguments("epochs"))
    errors.reserve("mini_batch_size", "epochs")
    left, right = st.columns(2, vertical_alignment="bottom")
    right.caption(_update_counts())
    left.number_input(
        step=1,
        # a seed that is too large for a browser is shown as the placeholder of an empty field
        placeholder=str(field_value("seed")),
        **{**number_limits("seed"), "max_value": MAX_BROWSER_INTEGER},
        **labelled_widget_arguments("seed"),
    )
    errors.reserve("seed")


def _update_counts() -> str:
    """Return a text with the number of updates per epoch and in total."""
    n, m, epochs = training_example_count(), widget_value("mini_batch_size"), widget_value("epochs")
    if not n or not m or not epochs:
        return ""
    per_epoch = math.ceil(n / m)
    return f"{numbers.count(per_epoch)} steps an epoch, {numbers.count(per_epoch * epochs)} in total"
