"""The masks of a run, recomputed from its seed: the neurons that each mini-batch trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.learning.checkpoint import Change, config_at
from engine.learning.dropout import drop_probability, masks_of_steps
from engine.learning.schedule import steps_per_epoch

CHUNK_STEPS = 1024  # masks counted at once: those between two keyframes of a long run do not fit into memory


def shares_trained(initial_config: RunConfig, changes: Sequence[Change], n: int, layer: int, steps: range) -> Array:
    """Return the share of the examples of each mini-batch that each neuron of a hidden layer was trained on.

    It is 0 or 1 with one mask per mini-batch, as in the chapter; anything between with one per example.

    Args:
        initial_config: the config the run started with. changes: its live changes.
        n: the number of training examples.
        layer: from 1. steps: the updates, consecutive, from 1.

    Returns:
        float32 (len(steps), width).
    """
    first, count = steps.start, len(steps)
    shares = np.ones((count, initial_config.hidden[layer - 1]), np.float32)
    cuts = sorted({first, *(change.step + 1 for change in changes if first <= change.step < first + count - 1)})
    for start, end in zip(cuts, [*cuts[1:], first + count], strict=True):
        config = config_at(initial_config, changes, start)
        if config.drop_probability:
            shares[start - first : end - first] = _share_kept(config, n, layer, range(start, end))
    return shares


def times_trained(initial_config: RunConfig, changes: Sequence[Change], n: int, layer: int, steps: range) -> Array:
    """Return the number of mini-batches that each neuron of a hidden layer was trained on.

    A mini-batch counts by the share of its examples. The arguments are those of `shares_trained`. Sums over parts
    of `steps` add up exactly: float64 adds millions of float32 values without rounding.

    Returns:
        float64 (width,).
    """
    counts = np.zeros(initial_config.hidden[layer - 1])
    for first in range(steps.start, steps.stop, CHUNK_STEPS):
        chunk = range(first, min(first + CHUNK_STEPS, steps.stop))
        counts += shares_trained(initial_config, changes, n, layer, chunk).sum(axis=0, dtype=np.float64)
    return counts


def _share_kept(config: RunConfig, n: int, layer: int, steps: range) -> Array:
    """Return the share of examples that kept each neuron, float32 (len(steps), width)."""
    rows = masks_of_steps(config, layer, steps.start, len(steps))
    kept = rows.mean(axis=1, dtype=np.float32)
    # with a mask per example, a short last mini-batch of an epoch uses only its first masks
    short = n % config.mini_batch_size if config.dropout_mask == "example" else 0
    if short:
        ends = np.arange(steps.start, steps.stop) % steps_per_epoch(n, config.mini_batch_size) == 0
        kept[ends] = rows[ends, :short].mean(axis=1)
    return kept


def mask_at(config: RunConfig, layer: int, step: int, width: int) -> Array:
    """Return the mask of a layer at an update, bool (width,); that of the first example if every example has one.

    Args:
        config: in force at that update. layer: 0 for the inputs.
    """
    if not drop_probability(config, layer):
        return np.ones(width, bool)
    first: Array = masks_of_steps(config, layer, step, 1, width)[0, 0]
    return first
