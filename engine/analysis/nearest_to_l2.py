"""Early stopping against L2: when, on its way, an unregularized network lay closest to its L2 twin.

Both keep weights small: L2 by shrinking them, early stopping by ending before they have grown. Near a minimum of the
cost the two are much the same thing: stopping after τ updates does about what L2 does with λ/n ≈ 1/(ητ) (Bishop 1995,
*Regularization and complexity control in feed-forward networks*; Goodfellow, Bengio and Courville 2016, section 7.8).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.regularizers import is_regularized
from engine.config import RunConfig
from engine.errors import FieldError

# what twins must share for a distance between their weights to mean anything: where they start, and what is learnt
SHARED = ("dataset", "train_size", "label_noise", "hidden", "activation", "cost", "initializer", "seed", "dtype")


@dataclass(frozen=True)
class Nearest:
    """Where on its way a network lay closest to another's weights.

    Attributes:
        steps: updates done at each moment that is known (k,). distances: ‖w − w′‖ then, over all weights (k,).
        length: ‖w′‖, of the weights it is measured against.
    """

    steps: Array
    distances: Array
    length: float

    @property
    def at(self) -> int:
        """Which moment is the closest."""
        return int(np.argmin(self.distances))

    @property
    def step(self) -> int:
        """Updates done at the closest moment."""
        return int(self.steps[self.at])

    @property
    def relative(self) -> float:
        """The smallest distance as a share of the length of the weights it is measured against."""
        return float(self.distances[self.at]) / self.length if self.length else math.nan


def nearest(steps: Sequence[int], flats: Sequence[Array], target: Array, weight_count: int) -> Nearest:
    """The distances of a network's weights on their way from those of another; biases are left out, as in a penalty.

    Args:
        steps: updates done, rising (k,). flats: the parameters then, as in `Parameters.flat`.
        target: the other network's, in the end. weight_count: how many of them are weights.

    Raises:
        FieldError: for no moments, or networks of different sizes.
    """
    if not len(steps) or len(steps) != len(flats):
        raise FieldError("steps", f"must be one for each of the weights, got {len(steps)} and {len(flats)}")
    if any(flat.shape != target.shape for flat in flats):
        raise FieldError("target", f"must be of the same network, got {target.size} and {flats[0].size} parameters")
    aim = target[:weight_count].astype(np.float64)
    distances = [float(np.linalg.norm(flat[:weight_count].astype(np.float64) - aim)) for flat in flats]
    return Nearest(np.array(steps), np.array(distances), float(np.linalg.norm(aim)))


def check_twins(plain: RunConfig, shrunk: RunConfig) -> None:
    """Refuse runs of which it makes no sense to say that one comes near the other.

    Args:
        plain: without a penalty. shrunk: with L2.

    Raises:
        FieldError: naming the field that stands in the way.
    """
    for field in SHARED:
        if getattr(plain, field) != getattr(shrunk, field):
            raise FieldError(
                field, f"must be the same of both, got {getattr(plain, field)} and {getattr(shrunk, field)}: race twins"
            )
    if is_regularized(plain):
        raise FieldError("l2", "and every other regularizer must be off in the first of the two")
    if not shrunk.l2:
        raise FieldError("l2", "must be on in the second of the two")


def predicted_steps(config: RunConfig, n: int) -> float:
    """About how many updates without L2 do what L2 does in the end: τ ≈ n/(ηλ).

    Args:
        config: the run with L2. n: its training examples.

    Raises:
        FieldError: where L2 is off.
    """
    if not config.l2:
        raise FieldError("l2", "must be on: without it there is nothing to stop early for")
    return n / (config.learning_rate * config.l2)
