"""Measuring a network: costs, accuracies, norms and histograms. Dropout is off in all of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.learning.network import Architecture, Parameters, weighted_outputs

CHUNK = 2_000  # examples measured at once: the intermediate activations then stay in the cache


def measured_examples(config: RunConfig, n: int) -> int:
    """Return how many of n training examples, the first ones, an epoch measures.

    A tenth, but 1,000 at least: to measure all takes up to half as long as to train on them, and the
    gap to validation, often ten points, needs no finer figure. The book's runs measure all.
    """
    return n if config.measure_all else min(n, max(1_000, n // 10))


@dataclass(frozen=True)
class Measurement:
    """What a network makes of a set of examples.

    Attributes:
        cost: the mean data cost of an example, without any penalty.
        correct: the number of examples classified correctly.
        size: the number of examples.
    """

    cost: float
    correct: int
    size: int

    @property
    def accuracy(self) -> float:
        """The share classified correctly, 0 … 1; NaN of no examples."""
        return self.correct / self.size if self.size else float("nan")


def evaluate(architecture: Architecture, parameters: Parameters, x: Array, y: Array) -> tuple[Array, Array]:
    """Cost and verdict of every example.

    Args:
        x: (n, features). y: one-hot (n, classes).

    Returns:
        the data cost of each example (n,), and True where the largest output is the right one (n,).
    """
    costs = np.empty(len(x), dtype=np.float64)
    correct = np.empty(len(x), dtype=bool)
    labels = y.argmax(axis=1)
    for at in range(0, len(x), CHUNK):
        part = slice(at, at + CHUNK)
        z = weighted_outputs(architecture, parameters, x[part])
        costs[part] = architecture.cost.values(z, y[part])
        # every output function rises with z, so the largest z is the largest output
        correct[part] = z.argmax(axis=1) == labels[part]
    return costs, correct


def measurement(costs: Array, correct: Array) -> Measurement:
    """The two arrays of `evaluate`, or the same rows of both, as one measurement."""
    size = len(costs)
    return Measurement(float(costs.mean()) if size else float("nan"), int(correct.sum()), size)


@dataclass(frozen=True)
class Histogram:
    """The weights of each layer, counted in bins of equal width from −limit to limit.

    Attributes:
        limit: the same for every layer, so that they share one axis.
        shares: (layers, bins): each bin's share of its layer's weights, 0 … 1.
    """

    limit: float
    shares: Array


def weight_histogram(parameters: Parameters, bins: int = 61, at_least: float = 0.0) -> Histogram:
    """Count every layer's weights; an odd number of bins puts zero in the middle of one.

    Args:
        bins: the number of bins.
        at_least: the smallest limit to use, so that a live axis need never shrink.
    """
    limit = max(at_least, _round_up(float(np.abs(parameters.flat_weights).max())))
    shares = np.empty((len(parameters.weights), bins), dtype=np.float32)
    for layer, W in enumerate(parameters.weights):
        # by hand: np.histogram of float32 sorts or checks more than this needs
        where = ((W.ravel() + limit) * (bins / (2 * limit))).astype(np.intp)
        shares[layer] = np.bincount(np.clip(where, 0, bins - 1), minlength=bins) / W.size
    return Histogram(limit, shares)


def _round_up(value: float) -> float:
    """The next of 0.1, 0.2, 0.5, 1, 2, 5, 10, … that is at least `value`."""
    if not value > 1e-30 or not np.isfinite(value):  # smaller, float32 could not divide by it
        return 0.1
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(power * digit for digit in (1, 2, 5, 10) if power * digit >= value * (1 - 1e-12)))
