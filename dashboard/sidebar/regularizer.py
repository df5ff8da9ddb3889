"""The sidebar's section about the regularizer: the penalty and its λ, dropout, and their variants."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.sidebar.examples import training_example_count
from dashboard.sidebar.labelled_widgets import (
    choices,
    labelled_slider_arguments,
    labelled_widget_arguments,
    number_limits,
)
from dashboard.state.live_changes import APPLIED_LIVE, help_with_effect_time, label_with_effect_icon
from dashboard.state.settings import widgets
from dashboard.state.settings.penalty_choice import (
    BOUND_FIELDS,
    LAMBDA_FIELDS,
    PENALTY_BY_VARIANT,
    offered_choices,
    slider_fields,
)
from engine.analysis.penalty_summary import summarize_penalties
from engine.config import SETTINGS
from engine.errors import FieldError
from engine.families.penalties import NAMED_SUMS, PENALTIES
from engine.families.penalties.penalty import lowercase_unless_acronym
from engine.families.penalties.sum import PenaltySum

SLIDER_STRENGTHS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0]


def section(warnings: Sequence[str]) -> None:
    """Draw the section.

    Args:
        warnings: texts to show below the settings.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="regularizer_bar"):
        st.header(
            label_with_effect_icon("Regularizer", APPLIED_LIVE),
            help=help_with_effect_time(
                f"{' '.join(PENALTIES[field].summary for field in LAMBDA_FIELDS)} Dropout works with all of them.",
                APPLIED_LIVE,
            ),
            width="stretch",
        )
        with st.popover("More", type="tertiary", help=_more_help()):
            _more_settings()
    st.segmented_control(
        "Penalty",
        offered_choices(widgets.widget_value("penalty")),
        **widgets.widget_arguments("penalty"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
        help=" ".join(["A term that is added to the cost to keep weights small.", *_named_sum_sentences()]),
    )
    names = slider_fields(widgets.widget_value("penalty"))
    for name in names:
        _lambda_slider(name, SETTINGS[name].label if len(names) > 1 else "λ, strength of the penalty")
    st.caption(_summary())
    p, dropout = widgets.widget_value("drop_probability") or 0.0, SETTINGS["drop_probability"]
    number_format = ".2f" if round(p, 2) == p else "g"
    st.slider(
        f"{dropout.label}: drop {p:{number_format}}, keep {1 - p:{number_format}}",
        **widgets.slider_arguments("drop_probability"),
        **widgets.widget_arguments("drop_probability"),
        help=dropout.help,
    )
    for warning in warnings:
        st.caption(f":orange[:material/warning: {escape_markdown(warning)}]")


def _lambda_slider(name: str, label: str) -> None:
    value = widgets.widget_value(name)
    st.select_slider(
        label,
        sorted({*SLIDER_STRENGTHS, value}),  # a run may have a strength that is not in the list
        **widgets.widget_arguments(name),
        format_func=numbers.exact,
        disabled=name not in widgets.active_penalties(),
        help=SETTINGS[name].help,
    )


def _more_settings() -> None:
    for name, penalty in PENALTY_BY_VARIANT.items():
        st.segmented_control(
            options=choices(name),
            format_func=str.capitalize,
            required=True,
            disabled=penalty not in widgets.active_penalties(),
            **labelled_widget_arguments(name, show_effect_time=True),
        )
    for name in BOUND_FIELDS:
        st.number_input(
            value=None,
            step=0.5,
            format="%g",
            placeholder=SETTINGS[name].display_text(None),
            **number_limits(name),
            **labelled_widget_arguments(name, show_effect_time=True),
        )
    st.slider(**labelled_slider_arguments("input_drop_probability", show_effect_time=True))
    for name in ("dropout_count", "dropout_mask", "dropout_scaling"):
        st.segmented_control(
            options=choices(name),
            format_func=str.capitalize,
            required=True,
            **labelled_widget_arguments(name, show_effect_time=True),
        )


def _summary() -> str:
    """Return a sentence about the effect of the active penalties.

    Return "" if the training size or the mini-batch size is empty, or the hidden layers are invalid.
    """
    n, mini_batch_size = training_example_count(), widgets.widget_value("mini_batch_size")
    if not n or not mini_batch_size:
        return ""
    strengths = {name: widgets.widget_value(name) for name in (*widgets.active_penalties(), *BOUND_FIELDS)}
    try:
        has_hidden_layers = bool(SETTINGS["hidden"].parse_typed(widgets.widget_value("hidden")))
    except FieldError:
        return ""  # the field itself shows the error
    penalties = PenaltySum(
        PENALTIES[name].of(strength, n)
        for name, strength in strengths.items()
        if strength and (has_hidden_layers or not PENALTIES[name].hidden_layers_only)
    )
    return summarize_penalties(penalties, widgets.widget_value("learning_rate"), n, mini_batch_size)


def _more_help() -> str:
    """Return the help of the button More: the settings in its menu."""
    names = [SETTINGS[name].label for name in (*PENALTY_BY_VARIANT, *BOUND_FIELDS)]
    return f"{', '.join(names)}, and the variants of dropout."


def _named_sum_sentences() -> list[str]:
    """Return a sentence for each sum with a name of its own, such as the elastic net."""
    names_by_sum = {
        name: [member.name for field, member in PENALTIES.items() if field in fields]
        for fields, name in NAMED_SUMS.items()
    }
    return [
        f"The {lowercase_unless_acronym(name)} is {' and '.join(names)} together."
        for name, names in names_by_sum.items()
    ]
