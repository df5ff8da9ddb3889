"""The sidebar's section about the regularizer: the penalty and its λ, dropout, and their variants."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.sidebar.described import choices, described, limits, slider
from dashboard.sidebar.examples import training_examples
from dashboard.state.live_changes import APPLIED_LIVE, with_icon, with_sentence
from dashboard.state.settings import widgets
from dashboard.state.settings.penalty_choice import BOUNDS, LAMBDAS, VARIANTS, options, sliders
from engine.analysis.penalty_words import summary
from engine.config import SETTINGS
from engine.errors import FieldError
from engine.families.penalties import NAMED_SUMS, PENALTIES
from engine.families.penalties.penalty import in_sentence
from engine.families.penalties.sum import Sum

STRENGTHS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0]


def section(warned: Sequence[str]) -> None:
    """Draw all settings of the regularizer, and below them the warnings."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="regularizer_bar"):
        st.header(
            with_icon("Regularizer", APPLIED_LIVE),
            help=with_sentence(
                f"{' '.join(PENALTIES[field].summary for field in LAMBDAS)} Dropout goes with any of them.",
                APPLIED_LIVE,
            ),
            width="stretch",
        )
        with st.popover("More", type="tertiary", help=_more_help()):
            _more()
    st.segmented_control(
        "Penalty",
        options(widgets.widget("penalty")),
        **widgets.persistent("penalty"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
        help=" ".join(["A term that is added to the cost to keep weights small.", *_named_sums()]),
    )
    names = sliders(widgets.widget("penalty"))
    for name in names:
        _lmbda(name, SETTINGS[name].label if len(names) > 1 else "λ, strength of the penalty")
    st.caption(_summary())
    p, dropout = widgets.widget("drop_probability") or 0.0, SETTINGS["drop_probability"]
    digits = ".2f" if round(p, 2) == p else "g"
    st.slider(
        f"{dropout.label}: drop {p:{digits}}, keep {1 - p:{digits}}",
        **widgets.slider_scale("drop_probability"),
        **widgets.persistent("drop_probability"),
        help=dropout.help,
    )
    for warning in warned:
        st.caption(f":orange[:material/warning: {escape_markdown(warning)}]")


def _lmbda(name: str, label: str) -> None:
    value = widgets.widget(name)
    st.select_slider(
        label,
        sorted({*STRENGTHS, value}),  # a run may have a strength that is not in the list
        **widgets.persistent(name),
        format_func=numbers.exact,
        disabled=name not in widgets.active_lambdas(),
        help=SETTINGS[name].help,
    )


def _more() -> None:
    for name, penalty in VARIANTS.items():
        st.segmented_control(
            options=choices(name),
            format_func=str.capitalize,
            required=True,
            disabled=penalty not in widgets.active_lambdas(),
            **described(name, mark=True),
        )
    for name in BOUNDS:
        st.number_input(
            value=None,
            step=0.5,
            format="%g",
            placeholder=SETTINGS[name].words(None),
            **limits(name),
            **described(name, mark=True),
        )
    st.slider(**slider("input_drop_probability", mark=True))
    for name in ("dropout_count", "dropout_mask", "dropout_scaling"):
        st.segmented_control(
            options=choices(name), format_func=str.capitalize, required=True, **described(name, mark=True)
        )


def _summary() -> str:
    """Return the effect of the penalties that are on in one sentence; "" while a value it needs is missing."""
    n, mini_batch_size = training_examples(), widgets.widget("mini_batch_size")
    if not n or not mini_batch_size:
        return ""
    strengths = {name: widgets.widget(name) for name in (*widgets.active_lambdas(), *BOUNDS)}
    try:
        has_hidden = bool(SETTINGS["hidden"].parse_typed(widgets.widget("hidden")))
    except FieldError:
        return ""  # the field itself shows the error
    penalties = Sum(
        PENALTIES[name].of(strength, n)
        for name, strength in strengths.items()
        if strength and (has_hidden or not PENALTIES[name].hidden_only)
    )
    return summary(penalties, widgets.widget("learning_rate"), n, mini_batch_size)


def _more_help() -> str:
    """Return the help of the button More: the settings behind it."""
    names = [SETTINGS[name].label for name in (*VARIANTS, *BOUNDS)]
    return f"{', '.join(names)}, and the variants of dropout."


def _named_sums() -> list[str]:
    """Return a sentence for each sum with a name of its own, such as the elastic net."""
    members = {
        name: [member.name for field, member in PENALTIES.items() if field in fields]
        for fields, name in NAMED_SUMS.items()
    }
    return [f"The {in_sentence(name)} is {' and '.join(names)} together." for name, names in members.items()]
