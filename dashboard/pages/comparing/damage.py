"""The part Damage of the compare page: destroy hidden neurons in all networks."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.charts.overlays.line_styles import line_styles_of
from dashboard.charts.static import damage as chart
from dashboard.live.run_group import RunGroup
from dashboard.pages.style import theme_palette
from dashboard.state.pages import evidence_state
from engine import FieldError
from engine.analysis.robustness import measure_without_neurons
from engine.runs import states
from engine.runs.server.evaluated_network import EvaluatedNetwork, evaluated_network_of
from engine.runs.server.run import Run

RANDOM_SHARE = 0.1  # share of a layer that one click destroys


def show(group: RunGroup) -> None:
    """Draw this part of the page."""
    all_networks = [_evaluated_network(name, run) for name, run in zip(group.names, group.runs, strict=True)]
    evaluated = [
        (i, network)
        for i in group.order
        if (network := all_networks[i]) is not None and network.run_state.current_config.hidden
    ]
    if not evaluated:
        st.info("There are no hidden neurons to destroy. Compare runs that have trained and have a hidden layer.")
        return
    names = [group.names[i] for i, _ in evaluated]
    line_styles = line_styles_of([run.current_config for run in group.runs])
    line_styles = [line_styles[i] for i, _ in evaluated]
    networks = [network for _, network in evaluated]
    is_training = any(run.state == states.RUNNING for run in group.runs)
    left, right = st.columns(2, gap="medium")
    with left:
        show_clickable_neurons(networks, names, line_styles)
    with right:
        show_random_orders(networks, names, line_styles)
    st.caption(
        "A destroyed neuron outputs 0. No network is trained again and no weight is rescaled. Networks of the same "
        "width lose the same neurons."
        + (" Runs are still training: the networks shown are from your last click." if is_training else "")
    )


def show_clickable_neurons(networks: list[EvaluatedNetwork], names: list[str], line_styles: list[Any]) -> None:
    """Show the neurons of a layer, which can be clicked, and the accuracy of every network."""
    max_layers = max(len(network.run_state.current_config.hidden) for network in networks)
    layer = 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if max_layers > 1:
            layer = st.segmented_control(
                "Hidden layer",
                list(range(1, max_layers + 1)),
                default=1,
                required=True,
                key=evidence_state.LAYER,
                help="The layer whose neurons are shown. Neurons destroyed in other layers stay destroyed.",
            )
        width = max(
            network.run_state.current_config.hidden[layer - 1]
            for network in networks
            if len(network.run_state.current_config.hidden) >= layer
        )
        random_count = max(1, round(RANDOM_SHARE * width))
        st.button(
            f"Destroy {random_count} at random",
            on_click=evidence_state.destroy_random_neurons,
            args=(layer, width, random_count),
            help="Destroys the same neurons in every network.",
        )
        st.button("Revive all", on_click=evidence_state.revive_all, help="Restores all destroyed neurons.")
    clicked = st.plotly_chart(
        chart.neuron_grid(width, evidence_state.destroyed_neurons(layer, width), theme_palette()),
        theme=None,
        key=f"neurons_{layer}_{evidence_state.change_count()}",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
    )
    if points := clicked["selection"]["points"]:
        evidence_state.toggle_neurons(layer, [point["point_index"] for point in points])
        st.rerun()
    destroyed_count = len(evidence_state.destroyed_neurons(layer, width))
    st.caption(f"Click a neuron to destroy it in all networks. {destroyed_count} of {width} are destroyed.")
    accuracies = [_accuracy(network, {}) for network in networks]
    damaged_accuracies = [_accuracy(network, _destroyed_by_layer(network)) for network in networks]
    st.plotly_chart(
        chart.accuracy_bars(names, line_styles, accuracies, damaged_accuracies, theme_palette()),
        theme=None,
        key="damage_bars",
    )


def show_random_orders(networks: list[EvaluatedNetwork], names: list[str], line_styles: list[Any]) -> None:
    """Show the accuracy while neurons are destroyed one by one in random order."""
    with st.spinner("Destroying neurons …"):
        results = [network.robustness for network in networks]
    first = networks[0]
    destroyed_share = sum(map(len, _destroyed_by_layer(first).values())) / sum(first.run_state.current_config.hidden)
    st.plotly_chart(
        chart.accuracy_curves(names, line_styles, results, theme_palette(), destroyed_share),
        theme=None,
        key="damage_curves",
    )
    st.caption(f"Mean and range over {len(results[0].accuracies)} random orders.")


def _evaluated_network(name: str, run: Run) -> EvaluatedNetwork | None:
    """Return the evaluated network of a run; None, with an error on the page, if it cannot be evaluated."""
    try:
        return evaluated_network_of(run)
    except FieldError as error:
        st.error(escape_markdown(f"{name} cannot be evaluated: {error}"))
        return None


def _destroyed_by_layer(network: EvaluatedNetwork) -> dict[int, list[int]]:
    """Return the destroyed neurons of a network, by layer."""
    return {
        layer: evidence_state.destroyed_neurons(layer, width)
        for layer, width in enumerate(network.run_state.current_config.hidden, start=1)
    }


def _accuracy(network: EvaluatedNetwork, destroyed_by_layer: dict[int, list[int]]) -> float:
    run_state = network.run_state
    metrics = measure_without_neurons(
        run_state.architecture, run_state.full_network, *network.evaluation, destroyed_by_layer
    )
    return metrics.accuracy
