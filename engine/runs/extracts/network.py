"""The drawing of the network: some neurons of every layer, their masks, and the strongest connections."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.learning.checkpoint import config_at
from engine.runs.extracts.masks import mask_at
from engine.runs.extracts.run_state import RunState

MAX_NEURONS = 12  # drawn neurons per hidden layer; there is no space for more circles
MAX_INPUTS_OR_OUTPUTS = 10  # drawn inputs, and drawn outputs
MAX_LINKS = 90  # drawn connections in total; they are three kilobytes of a frame


@dataclass(frozen=True)
class Links:
    """The connections drawn between two layers.

    Attributes:
        sources, targets: indices among the drawn neurons of the two layers (k,).
        weights: the weights of the connections (k,).
        changes: what the newest mini-batch added to them (k,); None if the weights before it are not kept.
    """

    sources: Array
    targets: Array
    weights: Array
    changes: Array | None = None


@dataclass(frozen=True)
class NetworkDrawing:
    """The thinned network of the newest mini-batch.

    Attributes:
        step: the number of the mini-batch.
        neurons: for each layer, inputs and outputs included, the indices of the drawn neurons (n,).
        kept_neurons: for each layer, inputs and outputs included, whether each drawn neuron was kept (n,).
        links: the connections between each layer and the next.
        is_first_example_mask: whether every example has its own mask, so that only the first one is shown.
    """

    step: int
    neurons: tuple[Array, ...]
    kept_neurons: tuple[Array, ...]
    links: tuple[Links, ...]
    is_first_example_mask: bool


def drawn_neuron_indices(sizes: Sequence[int]) -> list[Array]:
    """Return the indices of the drawn neurons of each layer, evenly spaced."""
    limits = [MAX_INPUTS_OR_OUTPUTS, *(MAX_NEURONS for _ in sizes[1:-1]), MAX_INPUTS_OR_OUTPUTS]
    return [
        np.linspace(0, size - 1, min(size, limit)).round().astype(np.intp)
        for size, limit in zip(sizes, limits, strict=True)
    ]


def network_of(run_state: RunState) -> NetworkDrawing | None:
    """Return the thinned network of the newest mini-batch; None before the first."""
    if not run_state.step:
        return None
    parameters = run_state.parameters
    neuron_indices = drawn_neuron_indices(parameters.sizes)
    config = config_at(run_state.initial_config, run_state.changes, run_state.step)
    kept_neurons = [
        mask_at(config, layer, run_state.step, width)[neuron_indices[layer]]
        for layer, width in enumerate(parameters.sizes[:-1])
    ]
    kept_neurons.append(np.ones(len(neuron_indices[-1]), bool))  # outputs never drop
    links_per_layer = MAX_LINKS // len(parameters.weights)
    links = []
    for layer, (rows, columns) in enumerate(itertools.pairwise(neuron_indices)):
        drawn = np.ix_(rows, columns)
        previous = run_state.previous.weights[layer][drawn] if run_state.previous is not None else None
        links.append(_strongest_links(parameters.weights[layer][drawn], previous, links_per_layer))
    return NetworkDrawing(
        run_state.step, tuple(neuron_indices), tuple(kept_neurons), tuple(links), config.dropout_mask == "example"
    )


def _strongest_links(W: Array, previous: Array | None, count: int) -> Links:
    count = min(count, W.size)
    flat = np.argpartition(-np.abs(W), count - 1, axis=None)[:count]
    sources, targets = np.unravel_index(flat, W.shape)
    weights = W[sources, targets]
    return Links(sources, targets, weights, None if previous is None else weights - previous[sources, targets])
