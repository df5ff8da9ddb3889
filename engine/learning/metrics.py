"""Measurements of a network without dropout: costs, accuracies and weight histograms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.learning.network import Architecture, Parameters, weighted_outputs

CHUNK_EXAMPLES = 2_000  # examples measured at once: their activations stay in the cache


def measured_examples(config: RunConfig, n: int) -> int:
    """Return the number of training examples, the first ones of n, that are measured after each epoch.

    It is a tenth, at least 1,000: measuring all takes up to half as long as training on them, and the gap to
    validation is often ten points. The book's runs measure all.
    """
    return n if config.measure_all else min(n, max(1_000, n // 10))


@dataclass(frozen=True)
class Measurement:
    """Cost and accuracy of a network on a set of examples.

    Attributes:
        cost: the mean data cost of an example, without penalties.
        correct: the number of examples classified correctly.
        size: the number of examples.
    """

    cost: float
    correct: int
    size: int

    @property
    def accuracy(self) -> float:
        """Share of examples classified correctly, 0 … 1; NaN for no examples."""
        return self.correct / self.size if self.size else float("nan")


def evaluate(architecture: Architecture, parameters: Parameters, x: Array, y: Array) -> tuple[Array, Array]:
    """Return the data cost of each example (n,), and True where it is classified correctly (n,).

    Args:
        x: (n, features). y: one-hot (n, classes).
    """
    costs = np.empty(len(x), dtype=np.float64)
    correct = np.empty(len(x), dtype=bool)
    labels = y.argmax(axis=1)
    for first in range(0, len(x), CHUNK_EXAMPLES):
        rows = slice(first, first + CHUNK_EXAMPLES)
        z = weighted_outputs(architecture, parameters, x[rows])
        costs[rows] = architecture.cost.values(z, y[rows])
        # every output function is monotonic in z, so the largest z is the largest output
        correct[rows] = z.argmax(axis=1) == labels[rows]
    return costs, correct


def summarize(costs: Array, correct: Array) -> Measurement:
    """Return the measurement of the two arrays of `evaluate`, or of the same rows of both."""
    size = len(costs)
    return Measurement(float(costs.mean()) if size else float("nan"), int(correct.sum()), size)


@dataclass(frozen=True)
class Histogram:
    """A histogram of the weights of each layer, in bins of equal width from −limit to limit.

    Attributes:
        limit: the same for all layers, so that they share an axis.
        shares: each bin's share of its layer's weights, 0 … 1: (layers, bins).
    """

    limit: float
    shares: Array


def weight_histogram(parameters: Parameters, bins: int = 61, min_limit: float = 0.0) -> Histogram:
    """Return the histogram of the weights of each layer.

    Args:
        bins: the number of bins; if it is odd, zero is in the middle of one.
        min_limit: the smallest limit, so that the axis of a live chart does not shrink.
    """
    limit = max(min_limit, _round_up(float(np.abs(parameters.flat_weights).max())))
    shares = np.empty((len(parameters.weights), bins), dtype=np.float32)
    for layer, W in enumerate(parameters.weights):
        # np.histogram is slower: it checks more than this needs
        bin_indices = ((W.ravel() + limit) * (bins / (2 * limit))).astype(np.intp)
        shares[layer] = np.bincount(np.clip(bin_indices, 0, bins - 1), minlength=bins) / W.size
    return Histogram(limit, shares)


def _round_up(value: float) -> float:
    """Return the smallest of 0.1, 0.2, 0.5, 1, 2, 5, 10, … that is at least `value`."""
    if not value > 1e-30 or not np.isfinite(value):  # float32 cannot divide by a smaller limit
        return 0.1
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(power * digit for digit in (1, 2, 5, 10) if power * digit >= value * (1 - 1e-12)))
