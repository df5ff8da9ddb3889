"""The sidebar's section about the regularizer: the penalty and its λ, dropout, and their variants."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import plain
from dashboard.sidebar.described import choices, described, limits, slider
from dashboard.sidebar.examples import training_examples
from dashboard.state.live_changes import APPLIED_LIVE, with_icon, with_sentence
from dashboard.state.settings import widgets
from dashboard.state.settings.penalty_choice import BOUNDS, LAMBDAS, VARIANTS, options, sliders
from engine.analysis.equivalents import epochs_of
from engine.config import SETTINGS
from engine.families.penalties import PENALTIES

STRENGTHS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0]


def section(warned: Sequence[str]) -> None:
    """Everything about the regularizer, from top to bottom; `warned` stands below it, in the page's words."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="regularizer_bar"):
        st.header(
            with_icon("Regularizer", APPLIED_LIVE),
            help=with_sentence(
                f"{' '.join(PENALTIES[field].summary for field in LAMBDAS)} Dropout goes with any of them.",
                APPLIED_LIVE,
            ),
            width="stretch",
        )
        with st.popover("More", type="tertiary", help="The rule of L1, max-norm, and the variants of dropout."):
            _more()
    st.segmented_control(
        "Penalty",
        options(widgets.widget("penalty")),
        **widgets.persistent("penalty"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
        help="What is added to the cost so that weights stay small. The elastic net is L1 and L2 together.",
    )
    names = sliders(widgets.widget("penalty"))
    for name in names:
        _lmbda(name, SETTINGS[name].label if len(names) > 1 else "λ, strength of the penalty")
    st.caption(_in_words())
    p, dropout = widgets.widget("drop_probability") or 0.0, SETTINGS["drop_probability"]
    digits = ".2f" if round(p, 2) == p else "g"
    st.slider(
        f"{dropout.label}: drop {p:{digits}}, keep {1 - p:{digits}}",
        **widgets.slider_scale("drop_probability"),
        **widgets.persistent("drop_probability"),
        help=dropout.help,
    )
    for warning in warned:
        st.caption(f":orange[:material/warning: {plain(warning)}]")


def _lmbda(name: str, label: str) -> None:
    value = widgets.widget(name)
    st.select_slider(
        label,
        sorted({*STRENGTHS, value}),  # a run may have one that is none of them
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


def _in_words() -> str:
    """Return what the penalties take from a weight without data gradient."""
    eta, m = widgets.widget("learning_rate"), widgets.widget("mini_batch_size")
    n, active = training_examples(), widgets.active_lambdas()
    if not active or not n or not m:
        return "No penalty: no weight decays."
    members = [PENALTIES[name].of(widgets.widget(name), n) for name in active]
    effects = [effect for member in members if (effect := member.effect(eta)) is not None]
    if not effects:
        return f"Each update {members[0].about}"
    if len(effects) > 1:
        taken = [f"{100 * each.amount:.2g} %" if each.relative else f"{each.amount:.2g}" for each in effects]
        return f"Each update: {' and '.join(taken)} off a weight"
    (effect,) = effects
    if not effect.relative:
        return f"ηλ/n = {effect.amount:.2g} off every weight, each update"
    if effect.amount >= 1:
        return f"ηλ/n = {effect.amount:.3g} of every weight, each update"
    return f"ηλ/n = {effect.amount:.2g} · a weight halves in {epochs_of(effect.updates, n, m):.3g} epochs"
