"""The sidebar's section about the regularizer: the penalty and its λ, dropout, and their variants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import plain
from dashboard.sidebar import data_section
from dashboard.state import session
from dashboard.state.live_changes import AT_ONCE, RESTART, explained, marked

LAMBDAS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0]
RULES = {"subgradient": "Sub-gradient", "clip": "Clip", "proximal": "Proximal"}
COUNTS = {"exact": "Exact", "bernoulli": "Bernoulli"}
MASKS = {"mini-batch": "A mini-batch", "example": "An example"}
SCALINGS = {"classic": "Classic", "inverted": "Inverted"}


def section(warned: Sequence[str]) -> None:
    """Everything about the regularizer, from top to bottom; `warned` stands below it, in the page's words."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="regularizer_bar"):
        st.header(
            marked("Regularizer", AT_ONCE),
            help=explained(
                "L2 shrinks every weight by the same factor, L1 by the same amount. Dropout goes with either.", AT_ONCE
            ),
            width="stretch",
        )
        with st.popover("More", type="tertiary", help="The rule of L1, max-norm, and the variants of dropout."):
            _more()
    st.segmented_control(
        "Penalty",
        list(session.LAMBDAS_OF),
        **session.kept("penalty"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
        help="What is added to the cost so that weights stay small. The elastic net is L1 and L2 together.",
    )
    names = session.LAMBDAS_OF[session.widget("penalty")]
    for name in names:
        _lmbda(name, f"λ of {name.upper()}" if len(names) > 1 else "λ, strength of the penalty")
    st.caption(_in_words())
    p = session.widget("drop_probability") or 0.0
    st.slider(
        f"Dropout: drop {p:.2f}, keep {1 - p:.2f}" if round(p, 2) == p else f"Dropout: drop {p:g}, keep {1 - p:g}",
        min_value=0.0,
        step=0.05,
        **session.scale("drop_probability", 0.95, "%.2f"),
        **session.kept("drop_probability"),
        help="The share of hidden neurons that sit each mini-batch out. 0 switches dropout off.",
    )
    for warning in warned:
        st.caption(f":orange[:material/warning: {plain(warning)}]")


def fields() -> dict[str, Any]:
    """The fields of a `RunConfig` that this section decides."""
    on = _on()
    return {
        "l2": session.widget("l2") if "l2" in on else 0.0,
        "l1": session.widget("l1") if "l1" in on else 0.0,
        "l1_rule": session.widget("l1_rule"),
        "max_norm": session.widget("max_norm"),
        "drop_probability": session.exactly("drop_probability", round(session.widget("drop_probability"), 2)),
        "input_drop_probability": session.exactly(
            "input_drop_probability", round(session.widget("input_drop_probability"), 2)
        ),
        "dropout_count": session.widget("dropout_count"),
        "dropout_mask": session.widget("dropout_mask"),
        "dropout_scaling": session.widget("dropout_scaling"),
    }


def _on() -> tuple[str, ...]:
    """The λs that are not 0."""
    kind = session.widget("penalty")
    return () if kind == "None" else session.LAMBDAS_OF[kind]


def _lmbda(name: str, label: str) -> None:
    value = session.widget(name)
    st.select_slider(
        label,
        sorted({*LAMBDAS, value}),  # a run may have one that is none of them
        **session.kept(name),
        format_func=numbers.exact,
        disabled=name not in _on(),
        help="The chapter's λ. One update takes the share ηλ/n (L2) or the amount ηλ/n (L1) off every weight.",
    )


def _more() -> None:
    st.segmented_control(
        marked("Rule of L1", AT_ONCE),
        list(RULES),
        **session.kept("l1_rule"),
        format_func=RULES.__getitem__,
        required=True,
        disabled="l1" not in _on(),
        help=explained(
            "The chapter's sub-gradient leaves weights chattering around 0. Clip stops them at 0 when they cross it; "
            "proximal moves them by ηλ/n after the data's step and stops at 0: many weights are then exactly 0.",
            AT_ONCE,
        ),
    )
    st.number_input(
        marked("Max-norm", AT_ONCE),
        min_value=1e-6,
        max_value=1e6,
        value=None,
        step=0.5,
        format="%g",
        **session.kept("max_norm"),
        placeholder="off",
        help=explained(
            "The largest norm that the weights into a hidden neuron may have: after each update longer ones are scaled "
            "back to it. Empty: no bound.",
            AT_ONCE,
        ),
    )
    st.slider(
        marked("Dropout of the inputs", AT_ONCE),
        min_value=0.0,
        step=0.05,
        **session.scale("input_drop_probability", 0.95, "%.2f"),
        **session.kept("input_drop_probability"),
        help=explained("The share of inputs that sit each mini-batch out; the chapter drops none.", AT_ONCE),
    )
    for label, name, words, about in (
        (
            "Neurons dropped",
            "dropout_count",
            COUNTS,
            "Exactly that share of each layer, as the chapter; or each neuron by a coin of its own.",
        ),
        (
            "One mask for",
            "dropout_mask",
            MASKS,
            "One thinned network for a whole mini-batch, as the chapter; or another for every example in it.",
        ),
        (
            "Scaling",
            "dropout_scaling",
            SCALINGS,
            "Classic: the full network's outgoing weights times keep, as the chapter. Inverted: activations divided "
            "by keep while it trains.",
        ),
    ):
        st.segmented_control(
            marked(label, RESTART),
            list(words),
            **session.kept(name),
            format_func=words.__getitem__,
            required=True,
            help=explained(about, RESTART),
        )


def _in_words() -> str:
    """What λ means for a weight that feels no data gradient."""
    kind = session.widget("penalty")
    eta, m = session.widget("learning_rate"), session.widget("mini_batch_size")
    n = data_section.training_examples()
    if kind == "None" or not n or not m:
        return "No penalty: no weight decays."
    share, amount = (eta * session.widget(name) / n for name in ("l2", "l1"))
    if kind == "L1":
        return f"ηλ/n = {amount:.2g} off every weight, each update"
    if kind == "Elastic net":
        return f"Each update: {100 * share:.2g} % and {amount:.2g} off a weight"
    if share >= 1:
        return f"ηλ/n = {share:.3g} of every weight, each update"
    updates = math.log(2) / -math.log1p(-share)
    return f"ηλ/n = {share:.2g} · a weight halves in {updates / math.ceil(n / m):.3g} epochs"
