"""Present weights compared with their initial values, and the effect that the penalty alone would have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy import ndarray as Array

from engine.analysis.decay import Decay, decay_over
from engine.config import RunConfig
from engine.learning.network import initial_parameters
from engine.runs.extracts.run_state import RunState

MAX_WEIGHTS = 300  # drawn of a layer: more would overlap
MAX_UNTOUCHED = 100  # drawn of those from inputs that are always 0: they lie on a line


@dataclass(frozen=True)
class Pairs:
    """The initial and the present values of some weights (k,), the same weights throughout a run."""

    then: Array
    now: Array


@dataclass(frozen=True)
class Then:
    """Weights at the start and now.

    Attributes:
        step: the update they were taken after.
        layers: of each layer; in the first, without inputs that are always 0.
        untouched: of inputs that are 0 in all training examples: only the penalty changes them.
        decay: the effect of the penalty alone on a weight, or the reason why there is no formula for it.
    """

    step: int
    layers: tuple[Pairs, ...]
    untouched: Pairs
    decay: Decay | str


def then_of(run_state: RunState) -> Then:
    """Return the weights of a run at one step; the same ones at every step."""
    data = run_state.data
    silent = data.always_zero
    chosen = _chosen(run_state.initial_config, len(silent), data.dataset.classes, np.packbits(silent).tobytes())
    pairs = [Pairs(then, run_state.parameters.flat[places]) for places, then in chosen]
    decay = decay_over(run_state.initial_config, run_state.changes, data.n, run_state.step, run_state.halvings)
    return Then(run_state.step, tuple(pairs[:-1]), pairs[-1], decay)


@lru_cache(maxsize=2)  # drawing the initial weights of a large network takes 20 ms: once per run, not per extract
def _chosen(initial_config: RunConfig, features: int, classes: int, silent: bytes) -> list[tuple[Array, Array]]:
    """Return which weights are shown, as indices into `Parameters.flat`, and their initial values.

    Returns:
        a pair for each layer, and one for the inputs that are always 0; each array (k,).
    """
    initial = initial_parameters(initial_config, features, classes)
    always_zero = np.unpackbits(np.frombuffer(silent, np.uint8), count=features).astype(bool)
    rng = np.random.default_rng(initial_config.seed)  # only chooses the points: no random stream of the run is used
    found = []
    at = 0
    for layer, W in enumerate(initial.weights):
        places = at + np.arange(W.size).reshape(W.shape)
        if layer == 0:
            untouched = _some(rng, places[always_zero].ravel(), MAX_UNTOUCHED)
            places = places[~always_zero]
        found.append(_some(rng, places.ravel(), MAX_WEIGHTS))
        at += W.size
    return [(places, initial.flat[places]) for places in (*found, untouched)]


def _some(rng: np.random.Generator, places: Array, most: int) -> Array:
    """Return at most `most` of the places, chosen uniformly, in rising order."""
    if len(places) <= most:
        return places
    return np.sort(rng.choice(places, most, replace=False))
