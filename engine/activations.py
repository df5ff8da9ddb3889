"""What a neuron makes of its weighted input z, and how steeply."""

from __future__ import annotations

from typing import Protocol

import numpy as np

Array = np.ndarray


class Activation(Protocol):
    """The family's verbs. Both work in place: `sgd` owns the buffers."""

    def apply(self, z: Array) -> None:
        """Replace z by the activation a = f(z)."""

    def slope(self, a: Array, out: Array) -> None:
        """Write f′(z) into `out`, computed from a = f(z)."""


class Sigmoid:
    """σ(z) = 1 / (1 + e^−z), as in chapter 1; its slope is a (1 − a)."""

    def apply(self, z: Array) -> None:
        np.negative(z, out=z)
        np.exp(z, out=z)  # overflows to inf below z = −709 (−88 in float32); 1/inf is the right 0
        z += 1
        np.reciprocal(z, out=z)

    def slope(self, a: Array, out: Array) -> None:
        np.subtract(1, a, out=out)
        out *= a


class Tanh:
    """tanh z; its slope is 1 − a²."""

    def apply(self, z: Array) -> None:
        np.tanh(z, out=z)

    def slope(self, a: Array, out: Array) -> None:
        np.multiply(a, a, out=out)
        np.subtract(1, out, out=out)


class ReLU:
    """max(0, z); its slope is 1 where z > 0, else 0."""

    def apply(self, z: Array) -> None:
        np.maximum(z, 0, out=z)

    def slope(self, a: Array, out: Array) -> None:
        np.greater(a, 0, out=out, casting="unsafe")


ACTIVATIONS: dict[str, Activation] = {"sigmoid": Sigmoid(), "tanh": Tanh(), "relu": ReLU()}
