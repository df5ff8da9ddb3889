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

MAX_NEURONS = 12  # drawn of a hidden layer: there is no space for more circles
MAX_INPUTS_OR_OUTPUTS = 10  # drawn of the inputs, and of the outputs
MAX_LINKS = 90  # connections drawn in all: they take three kilobytes of a frame


@dataclass(frozen=True)
class Links:
    """The connections drawn between two layers.

    Attributes:
        sources, targets: indices among the drawn neurons of the two layers (k,).
        weights: (k,).
    """

    sources: Array
    targets: Array
    weights: Array


@dataclass(frozen=True)
class Network:
    """The thinned network of the newest mini-batch.

    Attributes:
        step: the mini-batch.
        kept: for each layer, inputs and outputs included, whether each drawn neuron was kept (n,).
        links: between each layer and the next.
        example: whether the mask is that of the first example only, because every example has its own.
    """

    step: int
    kept: tuple[Array, ...]
    links: tuple[Links, ...]
    example: bool


def drawn_neurons(sizes: Sequence[int]) -> list[Array]:
    """Return the indices of the drawn neurons of each layer, evenly spaced."""
    rooms = [MAX_INPUTS_OR_OUTPUTS, *(MAX_NEURONS for _ in sizes[1:-1]), MAX_INPUTS_OR_OUTPUTS]
    return [
        np.linspace(0, size - 1, min(size, room)).round().astype(np.intp)
        for size, room in zip(sizes, rooms, strict=True)
    ]


def network_of(run_state: RunState) -> Network | None:
    """Return the thinned network of the newest mini-batch; None before the first."""
    if not run_state.step:
        return None
    parameters = run_state.parameters
    numbers = drawn_neurons(parameters.sizes)
    config = config_at(run_state.initial_config, run_state.changes, run_state.step)
    kept = [
        mask_at(config, layer, run_state.step, width)[numbers[layer]]
        for layer, width in enumerate(parameters.sizes[:-1])
    ]
    kept.append(np.ones(len(numbers[-1]), bool))  # outputs never drop
    each = MAX_LINKS // len(parameters.weights)
    links = [
        _strongest(W[np.ix_(rows, columns)], each)
        for W, (rows, columns) in zip(parameters.weights, itertools.pairwise(numbers), strict=True)
    ]
    return Network(run_state.step, tuple(kept), tuple(links), config.dropout_mask == "example")


def _strongest(W: Array, count: int) -> Links:
    count = min(count, W.size)
    flat = np.argpartition(-np.abs(W), count - 1, axis=None)[:count]
    sources, targets = np.unravel_index(flat, W.shape)
    return Links(sources, targets, W[sources, targets])
