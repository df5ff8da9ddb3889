"""Weights as they began against weights as they are, and what the penalty alone would have made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy import ndarray as Array

from engine.analysis.decay import Decay, decay_over
from engine.config import RunConfig
from engine.learning.network import initial_parameters
from engine.runs.extracts.run_state import RunState

POINTS = 300  # weights of a layer: more lie on each other
UNTOUCHED = 100  # weights from inputs that are always 0: they make a line


@dataclass(frozen=True)
class Pairs:
    """Some weights, always the same ones of a run, in two arrays (k,): as they began, and as they are."""

    then: Array
    now: Array


@dataclass(frozen=True)
class Then:
    """Weights as they began and as they are.

    Attributes:
        step: the update they were taken after.
        layers: of each layer. Of the first, none from an input that is always 0.
        untouched: from inputs that are 0 in all training examples: only the penalty moves these.
        decay: what the penalty alone has made of a weight, or in words why there is no formula for it.
    """

    step: int
    layers: tuple[Pairs, ...]
    untouched: Pairs
    decay: Decay | str


def then_of(run_state: RunState) -> Then:
    """The same weights at every step of a run."""
    data = run_state.data
    silent = data.always_zero
    chosen = _chosen(run_state.initial_config, len(silent), data.dataset.classes, np.packbits(silent).tobytes())
    pairs = [Pairs(then, run_state.parameters.flat[places]) for places, then in chosen]
    decay = decay_over(run_state.initial_config, run_state.changes, data.n, run_state.step, run_state.halvings)
    return Then(run_state.step, tuple(pairs[:-1]), pairs[-1], decay)


@lru_cache(maxsize=2)  # the initial weights of a large network take 20 ms to draw: once a run, and not for each view
def _chosen(initial_config: RunConfig, features: int, classes: int, silent: bytes) -> list[tuple[Array, Array]]:
    """Which weights are shown, by their place in `Parameters.flat`, and what they began as.

    Returns:
        a pair for each layer, and one for the inputs that are always 0; each array (k,).
    """
    initial = initial_parameters(initial_config, features, classes)
    always_zero = np.unpackbits(np.frombuffer(silent, np.uint8), count=features).astype(bool)
    rng = np.random.default_rng(initial_config.seed)  # for the eye only: no stream of the run is touched
    found = []
    at = 0
    for layer, W in enumerate(initial.weights):
        places = at + np.arange(W.size).reshape(W.shape)
        if layer == 0:
            untouched = _some(rng, places[always_zero].ravel(), UNTOUCHED)
            places = places[~always_zero]
        found.append(_some(rng, places.ravel(), POINTS))
        at += W.size
    return [(places, initial.flat[places]) for places in (*found, untouched)]


def _some(rng: np.random.Generator, places: Array, most: int) -> Array:
    """At most so many of the places, each as likely as any other, in rising order."""
    if len(places) <= most:
        return places
    return np.sort(rng.choice(places, most, replace=False))
