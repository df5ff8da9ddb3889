"""The masks of the newest mini-batches, recomputed from the seed; see `engine.learning.dropout`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.runs.extracts.masks import kept_shares_by_step
from engine.runs.extracts.run_state import RunState

SHOWN_MINI_BATCHES = 100  # at most
MAX_SHOWN_NEURONS = 200  # more rows would be thinner than a pixel


@dataclass(frozen=True)
class RecentMasks:
    """Which hidden neurons were trained on each of the newest mini-batches.

    Attributes:
        first_step: the step of the first column.
        kept_percentages: uint8 (neurons, steps): 100 if the neuron was kept, 0 if it was dropped. With one mask per
            example it is the percentage of the examples that kept the neuron.
        rows_per_layer: the number of rows of each hidden layer, in the order of the layers.
        neuron_interval: k if only every k-th neuron is drawn, because more do not fit; 1 for all neurons.
    """

    first_step: int
    kept_percentages: Array
    rows_per_layer: tuple[int, ...]
    neuron_interval: int = 1


def recent_masks_of(run_state: RunState) -> RecentMasks | None:
    """Return the masks of the newest mini-batches; None before the first mini-batch."""
    last_step, hidden = run_state.step, run_state.initial_config.hidden
    if not last_step:
        return None
    first_step = max(1, last_step - SHOWN_MINI_BATCHES + 1)
    step_count = last_step - first_step + 1
    neuron_interval = max(1, -(-sum(hidden) // MAX_SHOWN_NEURONS))
    parts = []
    for layer in range(1, len(hidden) + 1):
        shares = kept_shares_by_step(
            run_state.initial_config, run_state.changes, run_state.data.n, layer, range(first_step, last_step + 1)
        )
        parts.append(np.rint(100 * shares.T[::neuron_interval]).astype(np.uint8))
    rows_per_layer = tuple(len(part) for part in parts)
    return RecentMasks(
        first_step,
        np.concatenate(parts) if parts else np.empty((0, step_count), np.uint8),
        rows_per_layer,
        neuron_interval,
    )
