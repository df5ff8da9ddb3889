"""The masks of a run, recomputed from its seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.learning.checkpoint import Change, config_at
from engine.learning.dropout import drop_probability, masks_of_steps
from engine.learning.schedule import steps_per_epoch

CHUNK_STEPS = (
    1024  # steps counted at once, because the masks between two keyframes of a long run do not fit into memory
)


def kept_shares_by_step(
    initial_config: RunConfig, changes: Sequence[Change], n: int, layer: int, steps: range
) -> Array:
    """Return the share of each mini-batch that each neuron of a hidden layer was trained on.

    With one mask per mini-batch, as in the chapter, a share is 0 or 1. With one mask per example it is the share of
    the examples that kept the neuron.

    Args:
        initial_config: the config the run started with. changes: the changes made while it trained.
        n: the number of training examples.
        layer: the hidden layer, from 1. steps: consecutive updates, from 1.

    Returns:
        float32 (len(steps), width).
    """
    first_step, step_count = steps.start, len(steps)
    shares = np.ones((step_count, initial_config.hidden[layer - 1]), np.float32)
    config_starts = sorted(
        {
            first_step,
            *(change.step + 1 for change in changes if first_step <= change.step < first_step + step_count - 1),
        }
    )
    for start, end in zip(config_starts, [*config_starts[1:], first_step + step_count], strict=True):
        config = config_at(initial_config, changes, start)
        if config.drop_probability:
            shares[start - first_step : end - first_step] = _kept_shares(config, n, layer, range(start, end))
    return shares


def count_trained_batches(
    initial_config: RunConfig, changes: Sequence[Change], n: int, layer: int, steps: range
) -> Array:
    """Return the number of mini-batches that each neuron of a hidden layer was trained on.

    This is the sum of `kept_shares_by_step` over the steps; the arguments are the same. Counts of consecutive ranges
    add up exactly, because float64 adds millions of float32 values without rounding.

    Returns:
        float64 (width,).
    """
    counts = np.zeros(initial_config.hidden[layer - 1])
    for first_step in range(steps.start, steps.stop, CHUNK_STEPS):
        chunk = range(first_step, min(first_step + CHUNK_STEPS, steps.stop))
        counts += kept_shares_by_step(initial_config, changes, n, layer, chunk).sum(axis=0, dtype=np.float64)
    return counts


def _kept_shares(config: RunConfig, n: int, layer: int, steps: range) -> Array:
    """Return the share of examples that kept each neuron, float32 (len(steps), width).

    The config does not change within `steps`.
    """
    masks = masks_of_steps(config, layer, steps.start, len(steps))
    kept_shares = masks.mean(axis=1, dtype=np.float32)
    # with one mask per example, a smaller last mini-batch of an epoch uses only the first masks
    short_batch_size = n % config.mini_batch_size if config.dropout_mask == "example" else 0
    if short_batch_size:
        is_epoch_end = np.arange(steps.start, steps.stop) % steps_per_epoch(n, config.mini_batch_size) == 0
        kept_shares[is_epoch_end] = masks[is_epoch_end, :short_batch_size].mean(axis=1)
    return kept_shares


def mask_at(config: RunConfig, layer: int, step: int, width: int) -> Array:
    """Return the mask of a layer at an update, bool (width,).

    With one mask per example it is the mask of the first example.

    Args:
        config: the config in force at that update. layer: 0 for the inputs.
    """
    if not drop_probability(config, layer):
        return np.ones(width, bool)
    first_step: Array = masks_of_steps(config, layer, step, 1, width)[0, 0]
    return first_step
