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
    """A histogram of the weights of each layer, in bins of equal width from −limit to limit of the layer.

    A weight outside of the limits is counted in the first or the last bin.

    Attributes:
        limits: of each layer (layers,).
        shares: each bin's share of its layer's weights, 0 … 1: (layers, bins).
        deviations: the standard deviation of the weights of each layer (layers,).
    """

    limits: Array
    shares: Array
    deviations: Array

    def bin_width(self, layer: int) -> float:
        """Return the width of the bins of a layer."""
        return float(2 * self.limits[layer] / self.shares.shape[1])


SHARE_INSIDE = 0.99  # of the weights, between the limits: the 0.5 % to 99.5 % quantiles if they are symmetrical
MAX_LIMIT_SAMPLE = 100_000  # weights of a layer that decide on its limits; the quantile of more takes milliseconds
_ROUND_LIMITS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)  # so that the bins do not change with every mini-batch


def weight_histogram(parameters: Parameters, bins: int = 81, min_limit: float = 0.0) -> Histogram:
    """Return the histogram of the weights of each layer.

    The limits of a layer are such that 99 % of its weights are between them. A few large weights would otherwise make
    the bins so wide that one contains most of the others, as in a network on MNIST, where the weights from pixels that
    are always black shrink to 0. If 99 % of the weights are exactly 0, the limit is the largest weight.

    Args:
        bins: the number of bins; if it is odd, zero is in the middle of one.
        min_limit: the smallest limit.
    """
    limits = np.array([max(min_limit, _limit_of(W)) for W in parameters.weights])
    shares = np.empty((len(parameters.weights), bins), dtype=np.float32)
    for layer, (W, limit) in enumerate(zip(parameters.weights, limits, strict=True)):
        # np.histogram is slower: it checks more than this needs
        bin_indices = (np.clip(W.ravel(), -limit, limit) + limit) * (bins / (2 * limit))
        counts = np.bincount(np.clip(bin_indices.astype(np.intp), 0, bins - 1), minlength=bins)
        shares[layer] = counts / W.size
    deviations = np.array([np.std(W, dtype=np.float64) for W in parameters.weights])
    return Histogram(limits, shares, deviations)


def _limit_of(W: Array) -> float:
    """Return a round number that is not below the magnitudes of `SHARE_INSIDE` of the weights."""
    magnitudes = np.abs(W.ravel())
    sample = magnitudes[:: -(-magnitudes.size // MAX_LIMIT_SAMPLE)]
    index = min(len(sample) - 1, int(np.ceil(SHARE_INSIDE * len(sample))))
    quantile = float(np.partition(sample, index)[index])
    return _round_up(quantile or float(magnitudes.max()))


def _round_up(value: float) -> float:
    """Return the smallest round number that is at least `value`, see `_ROUND_LIMITS`; 0.1 if it is 0 or infinite."""
    if not value > 1e-30 or not np.isfinite(value):  # float32 cannot divide by a smaller limit
        return 0.1
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(power * digit for digit in _ROUND_LIMITS if power * digit >= value * (1 - 1e-12)))
