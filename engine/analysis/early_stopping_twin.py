"""Early stopping against a penalty: when an unpenalized network was closest to its penalized twin.

Both keep weights small: a penalty by shrinking them, early stopping by ending before they have grown. Near a minimum
of the cost they can have about the same effect; `Penalty.equivalent_early_stopping` has the rule of thumb (Goodfellow,
Bengio and Courville 2016, section 7.8).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.analysis.regularizers import active_regularizers, is_regularized, regularizer_text
from engine.analysis.twins import differing_fields
from engine.config import RunConfig
from engine.errors import FieldError, join_names
from engine.families.penalties import PENALTIES, penalty_of
from engine.families.penalties.penalty import EquivalentEarlyStopping, Penalty


@dataclass(frozen=True)
class WeightDistances:
    """The distance of a network's weights from another network's, over its training.

    Attributes:
        steps: updates done at each measurement (k,).
        distances: ‖w − w′‖ at each of `steps`, over all weights (k,).
        length: ‖w′‖ of the other network.
    """

    steps: Array
    distances: Array
    length: float

    @property
    def closest(self) -> int:
        """Index of the smallest distance."""
        return int(np.argmin(self.distances))

    @property
    def step(self) -> int:
        """Updates done at the smallest distance."""
        return int(self.steps[self.closest])

    @property
    def relative(self) -> float:
        """Smallest distance divided by `length`."""
        return float(self.distances[self.closest]) / self.length if self.length else math.nan


def weight_distances(steps: Sequence[int], flats: Sequence[Array], target: Array, weight_count: int) -> WeightDistances:
    """Return the distances of a network's weights during training from another network's weights.

    Biases are left out, as in a penalty.

    Args:
        steps: updates done, rising (k,).
        flats: the parameters at each of `steps`, as in `Parameters.flat`.
        target: the final parameters of the other network.
        weight_count: number of the parameters that are weights.

    Raises:
        FieldError: if `steps` is empty, or for networks of different sizes.
    """
    if not len(steps) or len(steps) != len(flats):
        raise FieldError("steps", f"must have one entry for each of the weights, got {len(steps)} and {len(flats)}")
    if any(flat.shape != target.shape for flat in flats):
        raise FieldError("target", f"must be of the same network, got {target.size} and {flats[0].size} parameters")
    target_weights = target[:weight_count].astype(np.float64)
    distances = [float(np.linalg.norm(flat[:weight_count].astype(np.float64) - target_weights)) for flat in flats]
    return WeightDistances(np.array(steps), np.array(distances), float(np.linalg.norm(target_weights)))


def twin_penalty(plain: RunConfig, penalized: RunConfig) -> type[Penalty]:
    """Return the penalty that is the only difference between two runs.

    Args:
        plain: a run without a regularizer. penalized: the same run with one penalty.

    Raises:
        FieldError: if `plain` has a regularizer, if the runs differ in anything but one penalty, or if there is no
            rule of thumb for early stopping with about the same effect as that penalty.
    """
    active = {**active_regularizers(plain), **active_regularizers(penalized)}
    unused_fields = {
        name
        for penalty in PENALTIES.values()
        if penalty.field not in active
        for name in (penalty.field, *penalty.options)
    }
    differing = {name: pair for name, pair in differing_fields([plain, penalized]).items() if name not in unused_fields}
    for field, (plain_value, penalized_value) in differing.items():
        if field not in PENALTIES:
            raise FieldError(
                field, f"must be the same in both runs, got {plain_value} and {penalized_value}: race twins"
            )
    if is_regularized(plain):
        raise FieldError("plain", f"must have no regularizer, got {regularizer_text(plain)}: switch it off")
    if len(differing) != 1:
        raise FieldError(
            "penalized", f"must have exactly one penalty, got {regularizer_text(penalized)}: race one penalty"
        )
    predicted_stop(penalized, 1)
    return PENALTIES[next(iter(differing))]


def predicted_stop(penalized: RunConfig, n: int) -> EquivalentEarlyStopping:
    """Return the number of updates after which early stopping has about the same effect as the penalty.

    Args:
        penalized: a run with exactly one penalty. n: the number of its training examples.

    Raises:
        FieldError: for no penalty or several, and for a penalty without such a rule.
    """
    members = penalty_of(penalized, n).members
    stops = [member.equivalent_early_stopping(penalized.learning_rate) for member in members]
    if len(stops) != 1 or stops[0] is None:
        raise FieldError(
            "penalized",
            f"must have one penalty that early stopping can replace, got {regularizer_text(penalized)}: take "
            f"{join_names(replaceable_penalties())}",
        )
    return stops[0]


def replaceable_penalties() -> list[str]:
    """Return the names of the penalties with a rule for early stopping."""
    return [
        member.name for member in PENALTIES.values() if member.of(1.0, 1).equivalent_early_stopping(1.0) is not None
    ]
