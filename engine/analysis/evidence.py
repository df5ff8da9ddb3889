"""Error bars of accuracies, and the test whether two accuracies differ by more than their noise.

An accuracy is uncertain for two reasons. The test set is a sample, and another one would give another accuracy:
`standard_error`. And a run is one of many, because another seed gives other initial weights, orders of examples and
masks: `spread_over_seeds`. Two networks that are measured on the same examples, or trained with the same seeds, are
compared in pairs: the difficulty of an example is the same for both and cancels out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.errors import FieldError

NORMAL_97_5 = 1.959964  # 97.5 % quantile of the normal distribution
# Student's t, 95 %, two-sided, by degrees of freedom from 1 on (Fisher & Yates, table III)
STUDENT_T_QUANTILES = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
)  # fmt: skip


def standard_error(accuracy: float, size: int) -> float:
    """Return the standard error of an accuracy, 0 … 1, measured on `size` examples.

    It is NaN for no examples. Two right and two wrong answers are added, so that the error is not 0 if all 10 of 10
    answers are right (Agresti & Coull 1998).

    Raises:
        FieldError: for an accuracy outside 0 … 1.
    """
    if size <= 0 or math.isnan(accuracy):
        return math.nan
    if not 0 <= accuracy <= 1:
        raise FieldError("accuracy", f"must be from 0 to 1, got {accuracy:g}: give a share, not a percentage")
    p = (accuracy * size + 2) / (size + 4)
    return math.sqrt(p * (1 - p) / (size + 4))


def paired_standard_error(first_correct: Array, second_correct: Array) -> float:
    """Return the standard error of the difference of two accuracies on the same examples; NaN for no examples.

    It depends only on the examples that one network gets right and the other wrong (McNemar 1947). Half an example is
    added to each of the four cases, so that two networks that never disagree still have an error (Agresti & Min 2005).

    Args:
        first_correct, second_correct: True where each network is right (n,).

    Raises:
        FieldError: for arrays of different lengths.
    """
    first_correct, second_correct = np.asarray(first_correct, dtype=bool), np.asarray(second_correct, dtype=bool)
    if first_correct.shape != second_correct.shape or first_correct.ndim != 1:
        raise FieldError(
            "second_correct",
            f"must have the shape {first_correct.shape}, got {second_correct.shape}: measure both on the same examples",
        )
    if not len(first_correct):
        return math.nan
    n = len(first_correct) + 2
    only_first = np.sum(first_correct & ~second_correct) + 0.5
    only_second = np.sum(second_correct & ~first_correct) + 0.5
    return math.sqrt(only_first + only_second - (only_first - only_second) ** 2 / n) / n


@dataclass(frozen=True)
class Spread:
    """The distribution of a quantity over seeds.

    Attributes:
        mean: over the seeds.
        deviation: standard deviation of a single run, with n − 1 in the denominator; NaN for fewer than two seeds.
        low, high: the extremes. seeds: the number of seeds.
    """

    mean: float
    deviation: float
    low: float
    high: float
    seeds: int

    @property
    def noise(self) -> float:
        """Half the width of the 95 % interval of the mean, by Student's t; NaN for fewer than two seeds."""
        if self.seeds < 2:
            return math.nan
        return student_t_quantile(self.seeds - 1) * self.deviation / math.sqrt(self.seeds)


def spread_over_seeds(values: Sequence[float]) -> Spread:
    """Return the distribution of a quantity over seeds; values that are not finite are left out."""
    finite_values = np.array([value for value in values if math.isfinite(value)], dtype=np.float64)
    if not len(finite_values):
        return Spread(math.nan, math.nan, math.nan, math.nan, 0)
    deviation = float(finite_values.std(ddof=1)) if len(finite_values) > 1 else math.nan
    return Spread(
        float(finite_values.mean()),
        deviation,
        float(finite_values.min()),
        float(finite_values.max()),
        len(finite_values),
    )


def student_t_quantile(degrees_of_freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t; above 20 degrees of freedom an approximation.

    Raises:
        FieldError: for fewer than 1 degree of freedom.
    """
    if degrees_of_freedom < 1:
        raise FieldError("degrees_of_freedom", f"must be at least 1, got {degrees_of_freedom}: take two seeds or more")
    if degrees_of_freedom <= len(STUDENT_T_QUANTILES):
        return STUDENT_T_QUANTILES[degrees_of_freedom - 1]
    return NORMAL_97_5 * (1 + 1.2 / degrees_of_freedom)


@dataclass(frozen=True)
class Comparison:
    """The difference of two accuracies, and its noise.

    Attributes:
        difference: the second minus the first, −1 … 1. noise: half the width of its 95 % interval.
        seeds: the number of seeds of each.
    """

    difference: float
    noise: float
    seeds: int

    @property
    def exceeds_noise(self) -> bool:
        """True if the difference is larger than its noise; by chance alone this happens once in twenty comparisons."""
        return abs(self.difference) > self.noise

    @property
    def summary(self) -> str:
        """The result in a few words: "Difference 0.3 points, noise 0.4: could be chance"."""
        if math.isnan(self.difference) or math.isnan(self.noise):
            return "Nothing to compare yet"
        return (
            f"Difference {100 * abs(self.difference):.1f} points, noise {100 * self.noise:.1f}: "
            f"{'more than chance' if self.exceeds_noise else 'could be chance'}"
        )

    def __str__(self) -> str:
        has_one_seed = self.seeds == 1 and not math.isnan(self.noise)
        return (
            f"{self.summary}; one seed: the noise covers only the evaluation examples."
            if has_one_seed
            else f"{self.summary}."
        )


def compare_over_seeds(first: Sequence[float], second: Sequence[float]) -> Comparison:
    """Compare two settings that were trained with the same seeds, by the paired t-test (Student 1908).

    Args:
        first, second: an accuracy, 0 … 1, for each seed, in the same order; pairs with a NaN are left out.

    Raises:
        FieldError: for different numbers of seeds.
    """
    if len(first) != len(second):
        raise FieldError("second", f"must have {len(first)} seeds, got {len(second)}: train both with the same seeds")
    differences = spread_over_seeds([b - a for a, b in zip(first, second, strict=True)])
    return Comparison(differences.mean, differences.noise, differences.seeds)


def compare_on_examples(first_correct: Array, second_correct: Array) -> Comparison:
    """Compare two runs of one seed each on the same examples.

    The noise does not include the variation over seeds, which is unknown with one seed.

    Args:
        first_correct, second_correct: True where each network is right (n,).
    """
    error = paired_standard_error(first_correct, second_correct)
    difference = float(np.mean(second_correct) - np.mean(first_correct)) if len(first_correct) else math.nan
    return Comparison(difference, NORMAL_97_5 * error, 1)
