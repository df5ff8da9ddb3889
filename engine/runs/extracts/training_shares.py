"""The share of mini-batches that each hidden neuron was trained on, and its expectation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.mask_counts import expected_distinct_masks, log10_possible_masks
from engine.config import RunConfig
from engine.learning.checkpoint import config_at
from engine.runs.extracts.run_state import RunState


@dataclass(frozen=True)
class TrainingShares:
    """The share of mini-batches that each hidden neuron was trained on.

    Attributes:
        steps: mini-batches done.
        shares: for each hidden layer, the share of the mini-batches that each neuron was trained on (n,).
        expected_shares: the expected share in each hidden layer.
        share_deviations: the standard deviation of a share in each hidden layer.
        steps_since_change: mini-batches since the last change of the drop probability.
        log10_possible_networks: log₁₀ of the number of possible thinned networks.
        expected_visited_networks: the expected number of different thinned networks since that change.
    """

    steps: int
    shares: tuple[Array, ...]
    expected_shares: tuple[float, ...]
    share_deviations: tuple[float, ...]
    steps_since_change: int
    log10_possible_networks: float
    expected_visited_networks: float


def training_shares_of(run_state: RunState) -> TrainingShares | None:
    """Return the shares; None before the first mini-batch or without a hidden layer."""
    if not run_state.step or not run_state.initial_config.hidden:
        return None
    config_spans = _config_spans(run_state)
    expected_shares, share_deviations = [], []
    for width in run_state.initial_config.hidden:
        keep_spans = [(_keep_probability(config, width), steps) for config, steps in config_spans]
        expected_shares.append(sum(keep_probability * steps for keep_probability, steps in keep_spans) / run_state.step)
        # masks of different mini-batches are independent, so the variances of their shares add up
        masks_per_step = (
            run_state.initial_config.mini_batch_size if run_state.initial_config.dropout_mask == "example" else 1
        )
        variance = sum(
            keep_probability * (1 - keep_probability) / masks_per_step * steps for keep_probability, steps in keep_spans
        )
        share_deviations.append(float(np.sqrt(variance)) / run_state.step)
    config, steps_since_change = config_spans[-1]
    mask_count = steps_since_change * (config.mini_batch_size if config.dropout_mask == "example" else 1)
    return TrainingShares(
        run_state.step,
        tuple((counts / run_state.step).astype(np.float32) for counts in run_state.training_counts),
        tuple(expected_shares),
        tuple(share_deviations),
        steps_since_change,
        log10_possible_masks(config),
        expected_distinct_masks(config, mask_count),
    )


def _config_spans(run_state: RunState) -> list[tuple[RunConfig, int]]:
    """Return (config, number of mini-batches) for each period with one drop probability."""
    starts = sorted({1, *(change.step + 1 for change in run_state.changes if change.step < run_state.step)})
    config_spans: list[tuple[RunConfig, int]] = []
    for start, end in zip(starts, [*starts[1:], run_state.step + 1], strict=True):
        config = config_at(run_state.initial_config, run_state.changes, start)
        if config_spans and config_spans[-1][0].drop_probability == config.drop_probability:
            config_spans[-1] = config, config_spans[-1][1] + end - start
        else:
            config_spans.append((config, end - start))
    return config_spans


def _keep_probability(config: RunConfig, width: int) -> float:
    """Return the probability that a neuron of a layer is trained on an example."""
    if config.dropout_count == "exact":
        return 1 - round(config.drop_probability * width) / width
    return config.keep_probability
