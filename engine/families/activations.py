"""Activations of hidden neurons: a = f(z), the slope f′(z), and their properties.

Adding an activation is a class here and an entry in `ACTIVATIONS` (docs/extending.md). No code outside this file
depends on which activation a network has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

Array = np.ndarray

ONE = np.ones((), np.float32)  # an array: NumPy would convert a Python number in every call, which doubles the time


class Activation:
    """The interface of an activation.

    `apply` and `slope` write into a given buffer, because `sgd` owns all buffers.

    Attributes:
        max_deviation: the largest standard deviation that an activation can have over any examples. It is half
            the width of the range of f (Popoviciu 1935); ∞ for an unbounded range.
        onnx_operator: the ONNX operator that computes f. onnx_attributes: its attributes, by name.
    """

    max_deviation: ClassVar[float] = math.inf
    onnx_operator: ClassVar[str]
    onnx_attributes: ClassVar[Mapping[str, Any]] = {}

    def apply(self, z: Array, out: Array) -> None:
        """Write the activation a = f(z) into `out`, which may be z."""
        raise NotImplementedError

    def slope(self, a: Array, out: Array) -> None:
        """Write f′(z) into `out`, computed from a = f(z)."""
        raise NotImplementedError


class Sigmoid(Activation):
    """σ(z) = 1 / (1 + e^−z), as in chapter 1; its slope is a (1 − a)."""

    max_deviation = 0.5
    onnx_operator = "Sigmoid"

    def apply(self, z: Array, out: Array) -> None:
        np.negative(z, out)
        np.exp(out, out)  # overflows to inf below z = −709 (−88 in float32); 1/inf is the right 0
        np.add(out, ONE, out)
        np.reciprocal(out, out)

    def slope(self, a: Array, out: Array) -> None:
        np.subtract(ONE, a, out)
        np.multiply(out, a, out)


class Tanh(Activation):
    """tanh z; its slope is 1 − a²."""

    max_deviation = 1.0
    onnx_operator = "Tanh"

    def apply(self, z: Array, out: Array) -> None:
        np.tanh(z, out)

    def slope(self, a: Array, out: Array) -> None:
        np.multiply(a, a, out)
        np.subtract(ONE, out, out)


class ReLU(Activation):
    """max(0, z); its slope is 1 where z > 0, else 0."""

    onnx_operator = "Relu"

    def apply(self, z: Array, out: Array) -> None:
        np.maximum(z, 0, out=out)

    def slope(self, a: Array, out: Array) -> None:
        np.greater(a, 0, out=out, casting="unsafe")


# By the value of `RunConfig.activation`, in the order in which the page lists them.
ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
    "relu": ReLU(),
}
