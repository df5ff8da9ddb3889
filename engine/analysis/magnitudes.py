"""Magnitudes of the weights of each layer: sums, shares near zero and quantiles.

Sums and shares are over all weights. Quantiles are over at most `SAMPLE_SIZE` evenly spaced weights of a layer, which
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
SAMPLE_SIZE = 4_096  # weights of a layer from which its quantiles are computed
MAX_MEASUREMENTS = 200  # per run: a line has few more pixels, and a series can keep all of them exactly
CHUNK_WEIGHTS = 1 << 14  # weights processed at once: they stay in the cache between two passes


@dataclass(frozen=True)
class Magnitudes:
    """The magnitudes of the weights of one layer, without its biases.

    Attributes:
        squares: Σw². absolute: Σ|w|.
        zeros: share of exact zeros, 0 … 1.
        within: share of weights up to the tolerance, exact zeros included, 0 … 1.
        zero_neurons: number of neurons whose incoming weights are all exactly zero.
        quantiles: the quantiles of `QUANTILES`.
    """

    squares: float
    absolute: float
    zeros: float
    within: float
    zero_neurons: int
    quantiles: tuple[float, ...]


def zero_tolerance(config: RunConfig, learning_rate: float, n: int) -> float:
    """Return the magnitude up to which a weight counts as close to zero.

    It is 0 if no penalty defines one. See `Penalty.zero_tolerance`.

    Args:
        config: the config in force. learning_rate: η, with the halvings of the schedule. n: training examples in use.
    """
    tolerance = penalty_of(config, n).zero_tolerance(learning_rate)
    return 0.0 if tolerance is None else tolerance.length


def magnitudes(parameters: Parameters, limit: float) -> Iterator[Magnitudes]:
    """Yield the magnitudes of each layer, from the first to the last.

    Args:
        parameters: as trained. limit: magnitude up to which a weight counts as close to zero, see `zero_tolerance`.
    """
    buffer = np.empty(CHUNK_WEIGHTS, parameters.flat.dtype)
    comparison_buffer = np.empty(CHUNK_WEIGHTS, np.bool_)
    for W in parameters.weights:
        w = W.reshape(-1)
        squares = absolute = 0.0
        zeros = within = 0
        for first in range(0, w.size, CHUNK_WEIGHTS):  # in parts: no copy as large as the layer
            chunk = w[first : first + CHUNK_WEIGHTS]
            absolute_values, is_within = np.abs(chunk, out=buffer[: chunk.size]), comparison_buffer[: chunk.size]
            squares += float(np.dot(chunk, chunk))
            absolute += float(absolute_values.sum())
            zeros += chunk.size - int(np.count_nonzero(chunk))
            within += int(np.count_nonzero(np.less_equal(absolute_values, limit, out=is_within)))
        # with fewer than n_in zeros no column can be all zeros
        zero_neurons = W.shape[1] - int(np.count_nonzero(W.any(axis=0))) if zeros >= W.shape[0] else 0
        yield Magnitudes(squares, absolute, zeros / w.size, within / w.size, zero_neurons, _quantiles(W))


def evenly_spaced(W: Array, max_count: int) -> Array:
    """Return a view of at most `max_count` evenly spaced weights of a layer (n_in, n_out)."""
    stride = -(-W.size // max_count)
    while math.gcd(stride, W.shape[1]) > 1:  # every hundredth weight of 100 neurons would be of the same neuron
        stride += 1
    return W.reshape(-1)[::stride]


def _quantiles(W: Array) -> tuple[float, ...]:
    """Return the quantiles as `np.quantile` computes them; that function is slower."""
    w = np.sort(evenly_spaced(W, SAMPLE_SIZE))
    positions = np.array(QUANTILES) * (w.size - 1)
    return tuple(np.interp(positions, np.arange(w.size), w).tolist())


def series_name(layer: int, quantity: str) -> str:
    """Return the name of a layer's quantity in `Telemetry.over_time`; layers count from 0."""
    return f"magnitudes.{layer}.{quantity}"


def quantile_name(share: float) -> str:
    """Return the name of a quantile, for `series_name`."""
    return f"quantile {100 * share:g}"


def magnitudes_by_series(parameters: Parameters, limit: float) -> dict[str, float]:
    """Return the magnitudes of all layers by `series_name`; `limit` as in `magnitudes`."""
    values = {}
    for layer, layer_magnitudes in enumerate(magnitudes(parameters, limit)):
        for quantity in ("squares", "absolute", "zeros", "within", "zero_neurons"):
            values[series_name(layer, quantity)] = float(getattr(layer_magnitudes, quantity))
        for share, value in zip(QUANTILES, layer_magnitudes.quantiles, strict=True):
            values[series_name(layer, quantile_name(share))] = value
    return values


def is_measured(epoch: int, epochs: int) -> bool:
    """Return True if the weights are measured after an epoch, at most `MAX_MEASUREMENTS` times in a run."""
    return epoch % -(-epochs // MAX_MEASUREMENTS) == 0
