"""The sidebar's section about the regularizer: the penalty and its λ, dropout, and their variants."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.sidebar.examples import training_example_count
from dashboard.sidebar.field_errors import FieldErrors
from dashboard.sidebar.labelled_widgets import (
    choices,
    labelled_slider_arguments,
    labelled_widget_arguments,
    number_limits,
)
from dashboard.sidebar.penalty_summary import summarize_penalties
from dashboard.state.live_changes import APPLIED_LIVE, help_with_effect_time, label_with_effect_icon
from dashboard.state.settings import steering, suggested, widgets
from dashboard.state.settings.regularizer_choice import (
    BOUND_FIELDS,
    CHOICES,
    COMBINE,
    DROPOUT,
    INPUT_DROPOUT,
    LAMBDA_FIELDS,
    PARTS,
    PENALTY_BY_VARIANT,
)
from engine.analysis.suggested import Suggestion
from engine.config import SETTINGS
from engine.errors import FieldError
from engine.families.penalties import NAMED_SUMS, PENALTIES
from engine.families.penalties.penalty import lowercase_unless_acronym
from engine.families.penalties.sum import PenaltySum

DROPOUT_SUMMARY = "Dropout trains another part of the network on every mini-batch."


def section(warnings: Sequence[str], errors: FieldErrors) -> None:
    """Draw the section.

    Args:
        warnings: texts to show below the settings. errors: the places of errors.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="regularizer_bar"):
        st.header(
            label_with_effect_icon("Regularizer", APPLIED_LIVE),
            help=help_with_effect_time(
                " ".join([*(PENALTIES[field].summary for field in LAMBDA_FIELDS), DROPOUT_SUMMARY]),
                APPLIED_LIVE,
            ),
            width="stretch",
        )
        with st.popover("More", type="tertiary", help=_more_help()):
            _more_settings()
    st.segmented_control(
        "Regularizer",
        CHOICES,
        **widgets.widget_arguments("regularizer"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
        on_change=_prepare_choice,
        help="What keeps the network from memorizing its training examples. *None* switches all regularizers off, "
        f"*Combine* lets several act together. {' '.join(_named_sum_sentences())}",
    )
    with st.container(key="regularizer_values", gap="small"):
        _values(errors)
    for warning in warnings:
        st.caption(f":orange[:material/warning: {escape_markdown(warning)}]")


def _prepare_choice() -> None:
    steering.prepare_choice(training_example_count())


def _values(errors: FieldErrors) -> None:
    """Draw the strengths of the regularizers that are on, and what they do."""
    if widgets.widget_value("regularizer") == COMBINE:
        st.pills(
            "Parts",
            PARTS,
            selection_mode="multi",
            **widgets.widget_arguments("parts"),
            label_visibility="collapsed",
            on_change=_prepare_choice,
            help="The regularizers that act together.",
        )
    active = widgets.active_regularizers()
    lambda_names = [name for name in active if name in LAMBDA_FIELDS]
    for name in lambda_names:
        _lambda_slider(name, SETTINGS[name].label if len(lambda_names) > 1 else "λ, strength of the penalty")
        errors.reserve(name)
        _suggestion(name, is_single=len(active) == 1)
    if any(name not in (DROPOUT, INPUT_DROPOUT) for name in active):
        st.caption(_summary())
    if DROPOUT in active:
        _dropout_slider()
        errors.reserve(DROPOUT)
        _suggestion(DROPOUT, is_single=len(active) == 1)
    for name in BOUND_FIELDS:
        if name in active:
            st.number_input(step=0.5, format="%g", **number_limits(name), **labelled_widget_arguments(name))
            errors.reserve(name)
    if INPUT_DROPOUT in active:
        st.slider(**labelled_slider_arguments(INPUT_DROPOUT))
        errors.reserve(INPUT_DROPOUT)
    if not active:
        st.caption("Nothing keeps the network from memorizing.")


def _suggestion(name: str, is_single: bool) -> None:
    """Show the suggested strength, what it brought where it was measured, and a button that sets it."""
    found = suggested.suggestion_for(name, training_example_count())
    if found is None or not is_single:  # measured is each regularizer alone
        return
    strength = numbers.exact(found.strength)
    if not found.helps:
        st.caption(f"It does not help here: {_gain(found)}")
    elif widgets.widget_value(name) == found.strength:
        st.caption(f"Suggested here: {_gain(found)}")
    else:
        st.button(
            f"Use {strength}: {_gain(found)}",
            key=f"suggested_{name}",
            type="tertiary",
            on_click=suggested.apply,
            args=(name, training_example_count()),
            help="Measured on the bundled data set of this kind with the nearest size and share of wrong labels, "
            "compared with the run without a regularizer: mean of 5 seeds and its standard error.",
        )


def _gain(found: Suggestion) -> str:
    return f"{found.gain:+.1f} ± {found.error:.1f} points".replace("-", "−")


def _dropout_slider() -> None:
    p, dropout = widgets.widget_value(DROPOUT) or 0.0, SETTINGS[DROPOUT]
    number_format = ".2f" if round(p, 2) == p else "g"
    st.slider(
        f"{dropout.label}: drop {p:{number_format}}, keep {1 - p:{number_format}}",
        **widgets.slider_arguments(DROPOUT),
        **widgets.widget_arguments(DROPOUT),
        on_change=suggested.mark_moved,
        args=(DROPOUT,),
        help=dropout.help,
    )


def _lambda_slider(name: str, label: str) -> None:
    value = widgets.widget_value(name)
    st.select_slider(
        label,
        sorted({*steering.STRENGTHS, value}),  # a run may have a strength that is not in the list
        **widgets.widget_arguments(name),
        format_func=numbers.exact,
        on_change=suggested.mark_moved,
        args=(name,),
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
    strengths = {name: widgets.widget_value(name) for name in widgets.active_regularizers() if name in PENALTIES}
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
    names = [SETTINGS[name].label for name in PENALTY_BY_VARIANT]
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
