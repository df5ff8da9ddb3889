"""Costs of chapter 3, each computed from the output layer's weighted input z.

Computed from the activation a, ln a of a saturated wrong output is −inf, which the reference program turns into
1.8e308. Computed from z the cost is exact; where both are finite, they agree.

Adding a cost is a class here and an entry in `COSTS`. No code outside this file depends on which cost a run has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray as Array

from engine.families.activations import ONE, Sigmoid

_sigmoid = Sigmoid()


class Cost:
    """The interface of a cost. z and y are (…, n_out); y is one-hot.

    Attributes:
        max_error_deviation: bound on the standard deviation of δ of one output over examples that all have the
            same z, as they have with output weights of 0.
        onnx_operator: the ONNX operator that computes the outputs from z. onnx_attributes: its attributes, by name.
    """

    max_error_deviation: ClassVar[float]
    onnx_operator: ClassVar[str]
    onnx_attributes: ClassVar[Mapping[str, Any]] = {}

    def values(self, z: Array, y: Array) -> Array:
        """Return the cost Cx of every example, shape (…)."""
        raise NotImplementedError

    def output_activation(self, z: Array, out: Array) -> None:
        """Write the output activations of this cost into `out`, which may be z."""
        raise NotImplementedError

    def delta(self, z: Array, y: Array, out: Array) -> None:
        """Write the output error δ = ∂Cx/∂z of every example into `out`."""
        raise NotImplementedError


class CrossEntropy(Cost):
    """Cx = −Σ [y ln a + (1 − y) ln(1 − a)] with a = σ(z), which is Σ ln(1 + e^z) − y z."""

    max_error_deviation = 0.5  # δ = a − y is between a − 1 and a: half the width of the range (Popoviciu 1935)
    onnx_operator = "Sigmoid"

    def values(self, z: Array, y: Array) -> Array:
        softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
        return np.sum(softplus - y * z, axis=-1)

    def output_activation(self, z: Array, out: Array) -> None:
        _sigmoid.apply(z, out)

    def delta(self, z: Array, y: Array, out: Array) -> None:
        _sigmoid.apply(z, out)
        np.subtract(out, y, out)


class Quadratic(Cost):
    """Cx = ½ ‖a − y‖² with a = σ(z); δ = (a − y) ⊙ σ′(z)."""

    max_error_deviation = 0.5  # that of a − y; σ′ makes it smaller
    onnx_operator = "Sigmoid"

    def values(self, z: Array, y: Array) -> Array:
        a = np.empty_like(z)
        _sigmoid.apply(z, a)
        a -= y
        return 0.5 * np.sum(a * a, axis=-1)

    def output_activation(self, z: Array, out: Array) -> None:
        _sigmoid.apply(z, out)

    def delta(self, z: Array, y: Array, out: Array) -> None:
        _sigmoid.apply(z, out)
        slope = np.subtract(ONE, out)  # small: one number for each output of the mini-batch
        slope *= out
        out -= y
        out *= slope


class LogLikelihood(Cost):
    """Cx = −ln a_y with a = softmax(z); δ = a − y."""

    max_error_deviation = 0.5  # δ = a − y, as above
    onnx_operator = "Softmax"
    onnx_attributes: ClassVar[Mapping[str, Any]] = {"axis": -1}

    def values(self, z: Array, y: Array) -> Array:
        max_z = z.max(axis=-1, keepdims=True)
        log_sum = np.log(np.sum(np.exp(z - max_z), axis=-1)) + max_z[..., 0]
        return log_sum - np.sum(y * z, axis=-1)

    def output_activation(self, z: Array, out: Array) -> None:
        np.subtract(z, z.max(axis=-1, keepdims=True), out)
        np.exp(out, out)
        out /= out.sum(axis=-1, keepdims=True)

    def delta(self, z: Array, y: Array, out: Array) -> None:
        self.output_activation(z, out)
        out -= y


COSTS: dict[str, Cost] = {
    "cross-entropy": CrossEntropy(),
    "quadratic": Quadratic(),
    "log-likelihood": LogLikelihood(),
}
