"""How large the weights of each layer are: sums, shares near zero and quantiles, cheap enough for every epoch.

Sums and shares are of every weight. Quantiles are of at most `SAMPLE` weights of a layer, evenly
taken: their standard error is below a hundredth of a rank (√(q(1 − q)/4096) ≤ 0.008).
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
SAMPLE = 4_096  # weights of a layer that its quantiles are of
MOST = 200  # measurements of a run, about: a line has not many more pixels, and a series keeps them all exactly
_PART = 1 << 14  # weights looked at once: they stay in the cache from one look to the next


@dataclass(frozen=True)
class Magnitudes:
    """The weights of one layer, its biases left out.

    Attributes:
        squares: Σw². absolute: Σ|w|.
        zeros: the share of exact zeros, 0 … 1.
        within: the share of |w| ≤ ηλ/n, exact zeros included, 0 … 1.
        zero_neurons: the number of neurons whose incoming weights are all exactly zero.
        quantiles: the weights below which each share of `QUANTILES` lies.
    """

    squares: float
    absolute: float
    zeros: float
    within: float
    zero_neurons: int
    quantiles: tuple[float, ...]


def yardstick(config: RunConfig, learning_rate: float, n: int) -> float:
    """Return the length below which a weight counts as good as zero; 0 where no penalty has one.

    With L1 it is ηλ/n, the length of its step; with L2 alone the same with L2's λ, a yardstick of the same kind.

    Args:
        config: in force. learning_rate: η as it is now. n: training examples in use.
    """
    found = penalty_of(config, n).yardstick(learning_rate)
    return 0.0 if found is None else found.length


def magnitudes(parameters: Parameters, step: float) -> Iterator[Magnitudes]:
    """The magnitudes of every layer, the first one first.

    Args:
        parameters: as trained. step: ηλ/n, see `yardstick`.
    """
    room = np.empty(_PART, parameters.flat.dtype)
    marks = np.empty(_PART, np.bool_)
    for W in parameters.weights:
        w = W.reshape(-1)
        squares = absolute = 0.0
        zeros = within = 0
        for at in range(0, w.size, _PART):  # in parts, and not in copies as large as the layer
            part = w[at : at + _PART]
            size, mark = np.abs(part, out=room[: part.size]), marks[: part.size]
            squares += float(np.dot(part, part))
            absolute += float(size.sum())
            zeros += part.size - int(np.count_nonzero(part))
            within += int(np.count_nonzero(np.less_equal(size, step, out=mark)))
        # a column of zeros takes n_in of them: with fewer there is nothing to look for
        silent = W.shape[1] - int(np.count_nonzero(W.any(axis=0))) if zeros >= W.shape[0] else 0
        yield Magnitudes(squares, absolute, zeros / w.size, within / w.size, silent, _quantiles(W))


def evenly(W: Array, most: int) -> Array:
    """At most so many weights of a layer (n_in, n_out), evenly taken, the same ones each time: a view."""
    stride = -(-W.size // most)
    while math.gcd(stride, W.shape[1]) > 1:  # every hundredth of 100 neurons' weights would all be of one neuron
        stride += 1
    return W.reshape(-1)[::stride]


def _quantiles(W: Array) -> tuple[float, ...]:
    """As `np.quantile` has them, which takes longer for a small layer than all the rest of this file."""
    w = np.sort(evenly(W, SAMPLE))
    places = np.array(QUANTILES) * (w.size - 1)
    return tuple(np.interp(places, np.arange(w.size), w).tolist())


def series_name(layer: int, quantity: str) -> str:
    """What a layer's quantity is called in `Telemetry.over_time`; layers count from 0."""
    return f"magnitudes.{layer}.{quantity}"


def quantile_name(share: float) -> str:
    """The quantity that a quantile is, as `series_name` takes it."""
    return f"quantile {100 * share:g}"


def values_by_name(parameters: Parameters, step: float) -> dict[str, float]:
    """The magnitudes of all layers, each under its name: what a worker reports."""
    values = {}
    for layer, found in enumerate(magnitudes(parameters, step)):
        for quantity in ("squares", "absolute", "zeros", "within", "zero_neurons"):
            values[series_name(layer, quantity)] = float(getattr(found, quantity))
        for share, value in zip(QUANTILES, found.quantiles, strict=True):
            values[series_name(layer, quantile_name(share))] = value
    return values


def is_measured(epoch: int, epochs: int) -> bool:
    """Whether the end of an epoch is one of the about `MOST` moments, evenly spread, of a run of `epochs`."""
    return epoch % -(-epochs // MOST) == 0
