"""Magnitudes of the weights of each layer: sums, shares near zero and quantiles.

Sums and shares are over all weights. Quantiles are over at most `SAMPLE` evenly spaced weights of a layer, which
makes them fast enough for every epoch: the standard error of a rank is below 0.01 (√(q(1 − q)/4096) ≤ 0.008).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.families.penalties import penalty_of
from engine.learning.network import Parameters

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SAMPLE = 4_096  # weights of a layer from which its quantiles are computed
MAX_MEASUREMENTS = 200  # of a run: a line has not many more pixels, and a series keeps them all exactly
_PART = 1 << 14  # weights processed at once: they stay in the cache between two passes


@dataclass(frozen=True)
class Magnitudes:
    """The magnitudes of the weights of one layer, without its biases.

    Attributes:
        squares: Σw². absolute: Σ|w|.
        zeros: share of exact zeros, 0 … 1.
        within: share of weights up to the yardstick, exact zeros included, 0 … 1.
        zero_neurons: number of neurons whose incoming weights are all exactly zero.
        quantiles: the quantiles of `QUANTILES`.
    """

    squares: float
    absolute: float
    zeros: float
    within: float
    zero_neurons: int
    quantiles: tuple[float, ...]


def yardstick(config: RunConfig, learning_rate: float, n: int) -> float:
    """Return the length up to which a weight counts as close to zero.

    It is 0 if no penalty has one. See `Penalty.yardstick`.

    Args:
        config: the config in force. learning_rate: η, with the halvings of the schedule. n: training examples in use.
    """
    found = penalty_of(config, n).yardstick(learning_rate)
    return 0.0 if found is None else found.length


def magnitudes(parameters: Parameters, length: float) -> Iterator[Magnitudes]:
    """Yield the magnitudes of each layer, from the first to the last.

    Args:
        parameters: as trained. length: up to which a weight counts as close to zero, see `yardstick`.
    """
    buffer = np.empty(_PART, parameters.flat.dtype)
    marks = np.empty(_PART, np.bool_)
    for W in parameters.weights:
        w = W.reshape(-1)
        squares = absolute = 0.0
        zeros = within = 0
        for at in range(0, w.size, _PART):  # in parts: no copy as large as the layer
            part = w[at : at + _PART]
            size, mark = np.abs(part, out=buffer[: part.size]), marks[: part.size]
            squares += float(np.dot(part, part))
            absolute += float(size.sum())
            zeros += part.size - int(np.count_nonzero(part))
            within += int(np.count_nonzero(np.less_equal(size, length, out=mark)))
        # with fewer than n_in zeros no column can be all zeros
        silent = W.shape[1] - int(np.count_nonzero(W.any(axis=0))) if zeros >= W.shape[0] else 0
        yield Magnitudes(squares, absolute, zeros / w.size, within / w.size, silent, _quantiles(W))


def evenly(W: Array, most: int) -> Array:
    """Return a view of at most `most` evenly spaced weights of a layer (n_in, n_out)."""
    stride = -(-W.size // most)
    while math.gcd(stride, W.shape[1]) > 1:  # every hundredth weight of 100 neurons would be of the same neuron
        stride += 1
    return W.reshape(-1)[::stride]


def _quantiles(W: Array) -> tuple[float, ...]:
    """Return the quantiles as `np.quantile` computes them, which is slower than the rest of this file."""
    w = np.sort(evenly(W, SAMPLE))
    places = np.array(QUANTILES) * (w.size - 1)
    return tuple(np.interp(places, np.arange(w.size), w).tolist())


def series_name(layer: int, quantity: str) -> str:
    """Return the name of a layer's quantity in `Telemetry.over_time`; layers count from 0."""
    return f"magnitudes.{layer}.{quantity}"


def quantile_name(share: float) -> str:
    """Return the name of a quantile, for `series_name`."""
    return f"quantile {100 * share:g}"


def values_by_name(parameters: Parameters, length: float) -> dict[str, float]:
    """Return the magnitudes of all layers by `series_name`; `length` as in `magnitudes`."""
    values = {}
    for layer, found in enumerate(magnitudes(parameters, length)):
        for quantity in ("squares", "absolute", "zeros", "within", "zero_neurons"):
            values[series_name(layer, quantity)] = float(getattr(found, quantity))
        for share, value in zip(QUANTILES, found.quantiles, strict=True):
            values[series_name(layer, quantile_name(share))] = value
    return values


def is_measured(epoch: int, epochs: int) -> bool:
    """Return True if the weights are measured after an epoch, at most `MAX_MEASUREMENTS` times in a run."""
    return epoch % -(-epochs // MAX_MEASUREMENTS) == 0
