"""Costs of chapter 3, each computed from the output layer's weighted input z.

Computed from the activation a, ln a of a saturated wrong output is −inf, and the reference program
turns it into 1.8e308. From z nothing is lost, and where both are finite they agree.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy import ndarray as Array

from engine.families.activations import ONE, Sigmoid

_sigmoid = Sigmoid()


class Cost(Protocol):
    """The family's verbs. z and y are (…, n_out); y is one-hot."""

    def values(self, z: Array, y: Array) -> Array:
        """The cost Cx of every example, shape (…)."""

    def output(self, z: Array, out: Array) -> None:
        """Write the output activations that go with this cost into `out`, which may be z."""

    def delta(self, z: Array, y: Array, out: Array) -> None:
        """Write the output error δ = ∂Cx/∂z of every example into `out`."""


class CrossEntropy:
    """Cx = −Σ [y ln a + (1 − y) ln(1 − a)] with a = σ(z), which is Σ ln(1 + e^z) − y z."""

    def values(self, z: Array, y: Array) -> Array:
        softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
        return np.sum(softplus - y * z, axis=-1)

    def output(self, z: Array, out: Array) -> None:
        _sigmoid.apply(z, out)

    def delta(self, z: Array, y: Array, out: Array) -> None:
        _sigmoid.apply(z, out)
        np.subtract(out, y, out)


class Quadratic:
    """Cx = ½ ‖a − y‖² with a = σ(z); δ = (a − y) ⊙ σ′(z)."""

    def values(self, z: Array, y: Array) -> Array:
        a = np.empty_like(z)
        _sigmoid.apply(z, a)
        a -= y
        return 0.5 * np.sum(a * a, axis=-1)

    def output(self, z: Array, out: Array) -> None:
        _sigmoid.apply(z, out)

    def delta(self, z: Array, y: Array, out: Array) -> None:
        _sigmoid.apply(z, out)
        slope = np.subtract(ONE, out)  # as small as the mini-batch's outputs: no buffer of its own
        slope *= out
        out -= y
        out *= slope


class LogLikelihood:
    """Cx = −ln a_y with a = softmax(z); δ = a − y."""

    def values(self, z: Array, y: Array) -> Array:
        top = z.max(axis=-1, keepdims=True)
        log_sum = np.log(np.sum(np.exp(z - top), axis=-1)) + top[..., 0]
        return log_sum - np.sum(y * z, axis=-1)

    def output(self, z: Array, out: Array) -> None:
        np.subtract(z, z.max(axis=-1, keepdims=True), out)
        np.exp(out, out)
        out /= out.sum(axis=-1, keepdims=True)

    def delta(self, z: Array, y: Array, out: Array) -> None:
        self.output(z, out)
        out -= y


COSTS: dict[str, Cost] = {
    "cross-entropy": CrossEntropy(),
    "quadratic": Quadratic(),
    "log-likelihood": LogLikelihood(),
}
