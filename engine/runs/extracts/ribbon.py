"""The masks of the newest mini-batches, recomputed from the seed; see `engine.learning.dropout`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.runs.extracts.masks import shares_trained
from engine.runs.extracts.run_state import RunState

RIBBON_STEPS = 100  # mini-batches in the ribbon
RIBBON_NEURONS = 200  # neurons in the ribbon: more rows would be thinner than a pixel


@dataclass(frozen=True)
class Ribbon:
    """Which hidden neurons were trained on each of the newest mini-batches.

    Attributes:
        first: the step of the first column.
        kept: uint8 (neurons, steps): 100 kept, 0 dropped; with one mask per example, the percentage
            of the examples that the neuron was trained on.
        layers: how many of the rows belong to each hidden layer, the first layer's rows first.
        every: only every so-many-th neuron is drawn, because more do not fit; 1 for all neurons.
    """

    first: int
    kept: Array
    layers: tuple[int, ...]
    every: int = 1


def ribbon_of(run_state: RunState) -> Ribbon | None:
    """Return the masks of the newest mini-batches; None before the first."""
    last, hidden = run_state.step, run_state.initial_config.hidden
    if not last:
        return None
    first = max(1, last - RIBBON_STEPS + 1)
    count = last - first + 1
    every = max(1, -(-sum(hidden) // RIBBON_NEURONS))
    parts = []
    for layer in range(1, len(hidden) + 1):
        shares = shares_trained(
            run_state.initial_config, run_state.changes, run_state.data.n, layer, range(first, last + 1)
        )
        parts.append(np.rint(100 * shares.T[::every]).astype(np.uint8))
    layers = tuple(len(part) for part in parts)
    return Ribbon(first, np.concatenate(parts) if parts else np.empty((0, count), np.uint8), layers, every)
