"""The current weights compared with their initial values and with the effect of the penalty alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy import ndarray as Array

from engine.analysis.decay import Decay, decay_over
from engine.config import RunConfig
from engine.learning.network import initial_parameters
from engine.runs.extracts.run_state import RunState

MAX_WEIGHTS = 300  # drawn weights per layer; more would overlap
MAX_UNUSED_INPUT_WEIGHTS = 100  # drawn weights of inputs that are always 0; they are all on one line


@dataclass(frozen=True)
class WeightPairs:
    """The initial and the current values of some weights (k,), the same weights throughout a run."""

    initial: Array
    current: Array


@dataclass(frozen=True)
class WeightComparison:
    """Initial and current weights, and the effect of the penalty.

    Attributes:
        step: updates done.
        layers: some weights of each layer; for the first layer without inputs that are always 0.
        unused_input_weights: weights of inputs that are 0 in all training examples. Only the penalty changes them.
        decay: the effect of the penalty alone on a weight, or the reason why there is no formula.
    """

    step: int
    layers: tuple[WeightPairs, ...]
    unused_input_weights: WeightPairs
    decay: Decay | str


def compare_weights(run_state: RunState) -> WeightComparison:
    """Return the initial and current values of the same weights at every step."""
    data = run_state.data
    always_zero_inputs = data.always_zero
    samples = _sample_weights(
        run_state.initial_config,
        len(always_zero_inputs),
        data.dataset.classes,
        np.packbits(always_zero_inputs).tobytes(),
    )
    pairs = [WeightPairs(initial, run_state.parameters.flat[indices]) for indices, initial in samples]
    decay = decay_over(run_state.initial_config, run_state.changes, data.n, run_state.step, run_state.halvings)
    return WeightComparison(run_state.step, tuple(pairs[:-1]), pairs[-1], decay)


@lru_cache(maxsize=2)  # the initial weights of a large network take 20 ms, so they are computed once per run
def _sample_weights(
    initial_config: RunConfig, features: int, classes: int, always_zero_inputs: bytes
) -> list[tuple[Array, Array]]:
    """Choose the weights to show.

    Returns:
        (indices into `Parameters.flat`, initial values) for each layer, then for the inputs that are always 0. Each
        array is (k,).
    """
    initial = initial_parameters(initial_config, features, classes)
    always_zero = np.unpackbits(np.frombuffer(always_zero_inputs, np.uint8), count=features).astype(bool)
    # only chooses the points; the random streams of the run are not used
    rng = np.random.default_rng(initial_config.seed)
    samples = []
    offset = 0
    for layer, W in enumerate(initial.weights):
        indices = offset + np.arange(W.size).reshape(W.shape)
        if layer == 0:
            unused_input_weights = _sample(rng, indices[always_zero].ravel(), MAX_UNUSED_INPUT_WEIGHTS)
            indices = indices[~always_zero]
        samples.append(_sample(rng, indices.ravel(), MAX_WEIGHTS))
        offset += W.size
    return [(indices, initial.flat[indices]) for indices in (*samples, unused_input_weights)]


def _sample(rng: np.random.Generator, indices: Array, max_count: int) -> Array:
    """Return at most `max_count` of the places, chosen uniformly, in rising order."""
    if len(indices) <= max_count:
        return indices
    return np.sort(rng.choice(indices, max_count, replace=False))
