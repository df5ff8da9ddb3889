"""The share of mini-batches each hidden neuron was trained on, compared with its expectation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.mask_counts import expected_distinct_masks, log10_possible_masks
from engine.config import RunConfig
from engine.learning.checkpoint import config_at
from engine.runs.extracts.run_state import RunState


@dataclass(frozen=True)
class Trained:
    """The share of mini-batches that each hidden neuron was trained on.

    Attributes:
        steps: mini-batches so far.
        shares: for each hidden layer, the share of them each neuron was trained on (n,).
        expected: for each hidden layer, the expected share.
        deviation: for each hidden layer, the standard deviation of a share by chance.
        since: mini-batches since the drop probability was last changed.
        possible: log₁₀ of the number of possible thinned networks.
        visited: the expected number of different thinned networks in the mini-batches since.
    """

    steps: int
    shares: tuple[Array, ...]
    expected: tuple[float, ...]
    deviation: tuple[float, ...]
    since: int
    possible: float
    visited: float


def trained_of(run_state: RunState) -> Trained | None:
    """Return the counts from the first mini-batch on; None before it, and without a hidden layer."""
    if not run_state.step or not run_state.initial_config.hidden:
        return None
    spans = _spans(run_state)
    expected, deviation = [], []
    for width in run_state.initial_config.hidden:
        keeps = [(_keep(config, width), steps) for config, steps in spans]
        expected.append(sum(keep * steps for keep, steps in keeps) / run_state.step)
        # masks of different mini-batches are independent, so the variances of their shares add up
        masks = run_state.initial_config.mini_batch_size if run_state.initial_config.dropout_mask == "example" else 1
        variance = sum(keep * (1 - keep) / masks * steps for keep, steps in keeps)
        deviation.append(float(np.sqrt(variance)) / run_state.step)
    config, since = spans[-1]
    draws = since * (config.mini_batch_size if config.dropout_mask == "example" else 1)
    return Trained(
        run_state.step,
        tuple((counts / run_state.step).astype(np.float32) for counts in run_state.trained),
        tuple(expected),
        tuple(deviation),
        since,
        log10_possible_masks(config),
        expected_distinct_masks(config, draws),
    )


def _spans(run_state: RunState) -> list[tuple[RunConfig, int]]:
    """Return the configs in force so far, each with its number of mini-batches, by drop probability."""
    starts = sorted({1, *(change.step + 1 for change in run_state.changes if change.step < run_state.step)})
    spans: list[tuple[RunConfig, int]] = []
    for start, end in zip(starts, [*starts[1:], run_state.step + 1], strict=True):
        config = config_at(run_state.initial_config, run_state.changes, start)
        if spans and spans[-1][0].drop_probability == config.drop_probability:
            spans[-1] = config, spans[-1][1] + end - start
        else:
            spans.append((config, end - start))
    return spans


def _keep(config: RunConfig, width: int) -> float:
    """Return the probability that a neuron of a layer is trained on an example."""
    if config.dropout_count == "exact":
        return 1 - round(config.drop_probability * width) / width
    return config.keep_probability
