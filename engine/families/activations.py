"""What a neuron makes of its weighted input z, and how steeply."""

from __future__ import annotations

from typing import Protocol

import numpy as np

Array = np.ndarray

ONE = np.ones((), np.float32)  # as an array, NumPy need not make one of it in every call: half the time


class Activation(Protocol):
    """The family's verbs. Both write into a buffer they are given: `sgd` owns the buffers."""

    def apply(self, z: Array, out: Array) -> None:
        """Write the activation a = f(z) into `out`, which may be z."""

    def slope(self, a: Array, out: Array) -> None:
        """Write f′(z) into `out`, computed from a = f(z)."""


class Sigmoid:
    """σ(z) = 1 / (1 + e^−z), as in chapter 1; its slope is a (1 − a)."""

    def apply(self, z: Array, out: Array) -> None:
        np.negative(z, out)
        np.exp(out, out)  # overflows to inf below z = −709 (−88 in float32); 1/inf is the right 0
        np.add(out, ONE, out)
        np.reciprocal(out, out)

    def slope(self, a: Array, out: Array) -> None:
        np.subtract(ONE, a, out)
        np.multiply(out, a, out)


class Tanh:
    """tanh z; its slope is 1 − a²."""

    def apply(self, z: Array, out: Array) -> None:
        np.tanh(z, out)

    def slope(self, a: Array, out: Array) -> None:
        np.multiply(a, a, out)
        np.subtract(ONE, out, out)


class ReLU:
    """max(0, z); its slope is 1 where z > 0, else 0."""

    def apply(self, z: Array, out: Array) -> None:
        np.maximum(z, 0, out=out)

    def slope(self, a: Array, out: Array) -> None:
        np.greater(a, 0, out=out, casting="unsafe")


ACTIVATIONS: dict[str, Activation] = {"sigmoid": Sigmoid(), "tanh": Tanh(), "relu": ReLU()}
