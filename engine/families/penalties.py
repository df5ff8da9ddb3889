"""Penalties on the weights: what they cost and how they move a weight. Biases are never penalized.

Each has the same four verbs. `value` is its part of the cost. One update of a weight is

    before(w)  the explicit step, at the old weight
    w ← decay · w − (η/m) Σ ∂Cx/∂w, which `sgd` does in one pass
    after(w)   what a rule does to the weight it finds then

Adding one is a class here and a line in `penalty_of`; the loop knows none of them by name.
n is the number of training examples in use, λ the chapter's regularization parameter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy import ndarray as Array

if TYPE_CHECKING:
    from engine.config import RunConfig

L1_RULES = ("subgradient", "clip", "proximal")


class Penalty(Protocol):
    """The family's verbs. `w` is a flat vector of weights; `scratch` is as long.

    Attributes:
        explicit: whether `before` and `after` do anything.
    """

    explicit: bool

    def value(self, w: Array) -> float:
        """The penalty's part of the cost, in units of cost per training example."""

    def decay(self, learning_rate: float) -> float:
        """What the old weight is multiplied by while the data gradient's step is taken."""

    def before(self, w: Array, learning_rate: float, scratch: Array) -> None:
        """The explicit step at the old weights, in place."""

    def after(self, w: Array, learning_rate: float, scratch: Array) -> None:
        """What the rule does once the data gradient's step is taken, in place."""


class L2:
    """(λ/2n) Σ w²; a weight decays by the factor 1 − ηλ/n."""

    explicit = False

    def __init__(self, lmbda: float, n: int) -> None:
        self.lmbda, self.n = lmbda, n

    def value(self, w: Array) -> float:
        return self.lmbda / (2 * self.n) * float(np.dot(w, w))

    def decay(self, learning_rate: float) -> float:
        return 1 - learning_rate * self.lmbda / self.n

    def before(self, w: Array, learning_rate: float, scratch: Array) -> None:
        pass

    def after(self, w: Array, learning_rate: float, scratch: Array) -> None:
        pass


class L1:
    """(λ/n) Σ |w|; a weight moves by the constant ηλ/n towards zero.

    The chapter's rule is the sub-gradient, with sgn(0) = 0. It practically never leaves an exact
    zero: weights chatter around it within ηλ/n.
    """

    explicit = True

    def __init__(self, lmbda: float, n: int) -> None:
        self.lmbda, self.n = lmbda, n

    def value(self, w: Array) -> float:
        return self.lmbda / self.n * float(np.abs(w).sum())

    def decay(self, learning_rate: float) -> float:
        return 1.0

    def before(self, w: Array, learning_rate: float, scratch: Array) -> None:
        push = learning_rate * self.lmbda / self.n
        for part, room in parts(w, scratch):
            np.sign(part, out=room)
            room *= push
            part -= room

    def after(self, w: Array, learning_rate: float, scratch: Array) -> None:
        pass


class ClippedL1(L1):
    """L1 that stops at zero on crossing: a weight whose sign the step would flip becomes 0.

    A weight at zero feels no penalty, so a data gradient can bring it back.
    """

    def before(self, w: Array, learning_rate: float, scratch: Array) -> None:
        push = learning_rate * self.lmbda / self.n
        for part, side in parts(w, scratch):  # the side of 0 the weight was on is kept until `after`
            np.sign(part, out=side)
            side *= push
            part -= side

    def after(self, w: Array, learning_rate: float, scratch: Array) -> None:
        for part, side in parts(w, scratch):
            side *= part
            np.greater_equal(side, 0, out=side, casting="unsafe")
            part *= side


class ProximalL1(L1):
    """L1 by soft threshold: w ← sgn(u) · max(|u| − ηλ/n, 0), where u is w after the data step."""

    def before(self, w: Array, learning_rate: float, scratch: Array) -> None:
        pass

    def after(self, w: Array, learning_rate: float, scratch: Array) -> None:
        threshold = learning_rate * self.lmbda / self.n
        for part, room in parts(w, scratch):
            np.clip(part, -threshold, threshold, out=room)
            part -= room  # w − w is exactly 0 inside the threshold


class ElasticNet:
    """L1 and L2 together, both steps taken at the old weight."""

    explicit = True

    def __init__(self, l1: L1, l2: L2) -> None:
        self.l1, self.l2 = l1, l2

    def value(self, w: Array) -> float:
        return self.l1.value(w) + self.l2.value(w)

    def decay(self, learning_rate: float) -> float:
        return 1.0  # L1 must see the old weight's sign, and a rule the weight after both: `before` does it

    def before(self, w: Array, learning_rate: float, scratch: Array) -> None:
        # (1 − ηλ₂/n) w − (ηλ₁/n) sgn w. While the decay keeps the sign, one may follow the other;
        # beyond ηλ₂/n = 1 it flips the sign that L1 must still see.
        decay = self.l2.decay(learning_rate)
        for part, room in parts(w, scratch):
            if decay > 0:
                part *= decay
                self.l1.before(part, learning_rate, room)
            else:
                old = part.copy()
                self.l1.before(part, learning_rate, room)
                part += (decay - 1) * old

    def after(self, w: Array, learning_rate: float, scratch: Array) -> None:
        self.l1.after(w, learning_rate, scratch)


_L1 = {"subgradient": L1, "clip": ClippedL1, "proximal": ProximalL1}


def penalty_of(config: RunConfig, n: int) -> Penalty | None:
    """The penalty that a config names, for n training examples; None when there is none."""
    l2 = L2(config.l2, n) if config.l2 else None
    l1 = _L1[config.l1_rule](config.l1, n) if config.l1 else None
    if l1 and l2:
        return ElasticNet(l1, l2)
    return l1 or l2


PART = 1 << 14  # numbers that a rule takes at once: they stay in the cache from one pass to the next


def parts(w: Array, scratch: Array) -> Iterator[tuple[Array, Array]]:
    """The weights in parts, each with its room, so that a rule's passes cost one trip to memory."""
    if len(w) <= PART:
        yield w, scratch
    else:
        for at in range(0, len(w), PART):
            yield w[at : at + PART], scratch[at : at + PART]


def bound_norms(weights: Sequence[Array], max_norm: float) -> None:
    """Max-norm: scale the incoming weights of every hidden neuron back to norm `max_norm`, in place.

    Args:
        weights: the hidden layers' matrices, each (n_in, n_out); a neuron's are a column.
        max_norm: the largest Euclidean norm a column may keep.
    """
    for W in weights:
        norms = np.einsum("ij,ij->j", W, W)  # as small as a layer's biases
        np.sqrt(norms, out=norms)
        if (norms > max_norm).any():
            W *= (max_norm / np.maximum(norms, max_norm)).astype(W.dtype)
