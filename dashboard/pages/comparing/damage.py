"""The part Damage of the compare page: destroy hidden neurons in all networks."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.charts.overlays.line_styles import line_styles_of
from dashboard.charts.static import damage as chart
from dashboard.live.run_group import RunGroup
from dashboard.pages.style import colours
from dashboard.state.pages import evidence_state
from engine import FieldError
from engine.analysis.robustness import destroyed
from engine.runs import states
from engine.runs.server.evaluated_network import EvaluatedNetwork, evaluated_network_of
from engine.runs.server.run import Run

SHARE_AT_RANDOM = 0.1  # of a layer, destroyed by one press


def show(group: RunGroup) -> None:
    """Draw this part of the page."""
    found = [_network(name, run) for name, run in zip(group.names, group.runs, strict=True)]
    evaluated = [(i, each) for i, each in enumerate(found) if each is not None and each.run_state.current_config.hidden]
    if not evaluated:
        st.info("There are no hidden neurons to destroy. Compare runs that have trained and have a hidden layer.")
        return
    names = [group.names[i] for i, _ in evaluated]
    looks = line_styles_of([run.current_config for run in group.runs])
    looks = [looks[i] for i, _ in evaluated]
    networks = [each for _, each in evaluated]
    moving = any(run.state == states.RUNNING for run in group.runs)
    left, right = st.columns(2, gap="medium")
    with left:
        one_by_one(networks, names, looks)
    with right:
        at_random(networks, names, looks)
    st.caption(
        "A destroyed neuron outputs 0. No network is trained again and no weight is rescaled. Networks of the same "
        "width lose the same neurons."
        + (" Runs are still training: the networks shown are from your last click." if moving else "")
    )


def one_by_one(networks: list[EvaluatedNetwork], names: list[str], looks: list[Any]) -> None:
    """Show the neurons of a layer to click, and the accuracy of every network."""
    deepest = max(len(each.run_state.current_config.hidden) for each in networks)
    layer = 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if deepest > 1:
            layer = st.segmented_control(
                "Hidden layer",
                list(range(1, deepest + 1)),
                default=1,
                required=True,
                key=evidence_state.LAYER,
                help="The layer whose neurons are shown. Neurons destroyed in other layers stay destroyed.",
            )
        width = max(
            each.run_state.current_config.hidden[layer - 1]
            for each in networks
            if len(each.run_state.current_config.hidden) >= layer
        )
        few = max(1, round(SHARE_AT_RANDOM * width))
        st.button(
            f"Destroy {few} at random",
            on_click=evidence_state.destroy_at_random,
            args=(layer, width, few),
            help="Destroys the same neurons in every network.",
        )
        st.button("Revive all", on_click=evidence_state.revive, help="Brings all destroyed neurons back.")
    clicked = st.plotly_chart(
        chart.neuron_grid(width, evidence_state.destroyed(layer, width), colours()),
        theme=None,
        key=f"neurons_{layer}_{evidence_state.changes()}",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
    )
    if points := clicked["selection"]["points"]:
        evidence_state.toggle(layer, [point["point_index"] for point in points])
        st.rerun()
    gone = len(evidence_state.destroyed(layer, width))
    st.caption(f"Click a neuron to destroy it in all networks. {gone} of {width} are destroyed.")
    whole = [_accuracy(each, {}) for each in networks]
    after = [_accuracy(each, _gone(each)) for each in networks]
    st.plotly_chart(chart.accuracy_bars(names, looks, whole, after, colours()), theme=None, key="damage_bars")


def at_random(networks: list[EvaluatedNetwork], names: list[str], looks: list[Any]) -> None:
    """Show the accuracy from no destroyed neuron to all of them, in random order."""
    with st.spinner("Destroying neurons …"):
        found = [each.robustness for each in networks]
    first = networks[0]
    share = sum(map(len, _gone(first).values())) / sum(first.run_state.current_config.hidden)
    st.plotly_chart(chart.accuracy_curves(names, looks, found, colours(), share), theme=None, key="damage_curves")
    st.caption(f"Mean and range over {len(found[0].accuracies)} random orders.")


def _network(name: str, run: Run) -> EvaluatedNetwork | None:
    """Return the evaluated network of a run; None, with an error on the page, if it cannot be evaluated."""
    try:
        return evaluated_network_of(run)
    except FieldError as error:
        st.error(escape_markdown(f"{name} cannot be evaluated: {error}"))
        return None


def _gone(network: EvaluatedNetwork) -> dict[int, list[int]]:
    """Return the destroyed neurons of a network, by layer."""
    return {
        layer: evidence_state.destroyed(layer, width)
        for layer, width in enumerate(network.run_state.current_config.hidden, start=1)
    }


def _accuracy(network: EvaluatedNetwork, gone: dict[int, list[int]]) -> float:
    run_state = network.run_state
    return destroyed(run_state.architecture, run_state.full, *network.evaluation, gone).accuracy
