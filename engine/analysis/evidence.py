"""Error bars of accuracies, and the test whether two accuracies differ by more than their noise.

An accuracy is uncertain for two reasons. The test set is a sample, and another one would give another accuracy:
`standard_error`. And a run is one of many, because another seed gives other initial weights, orders of examples and
masks: `spread` over several seeds. Two networks that are measured on the same examples, or trained with the same
seeds, are compared in pairs, so that what is hard for both cancels out.
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
STUDENT = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
)  # fmt: skip


def standard_error(accuracy: float, size: int) -> float:
    """Return the standard error of an accuracy, 0 … 1, measured on `size` examples.

    It is NaN for no examples. Two right and two wrong answers are added, so that 10 right of 10 still have an error
    (Agresti & Coull 1998).

    Raises:
        FieldError: for an accuracy outside 0 … 1.
    """
    if size <= 0 or math.isnan(accuracy):
        return math.nan
    if not 0 <= accuracy <= 1:
        raise FieldError("accuracy", f"must be from 0 to 1, got {accuracy:g}: give a share, not percents")
    p = (accuracy * size + 2) / (size + 4)
    return math.sqrt(p * (1 - p) / (size + 4))


def paired_standard_error(one: Array, other: Array) -> float:
    """Return the standard error of the difference of two accuracies on the same examples; NaN for no examples.

    It depends only on the examples that one network gets right and the other wrong (McNemar 1947). Half an example is
    added to each of the four cases, so that two networks that never disagree still have an error (Agresti & Min 2005).

    Args:
        one, other: True where each network is right (n,).

    Raises:
        FieldError: for arrays of different lengths.
    """
    one, other = np.asarray(one, dtype=bool), np.asarray(other, dtype=bool)
    if one.shape != other.shape or one.ndim != 1:
        raise FieldError("other", f"must be of the same examples, got shape {other.shape} and {one.shape}")
    if not len(one):
        return math.nan
    n = len(one) + 2
    only_one, only_other = np.sum(one & ~other) + 0.5, np.sum(other & ~one) + 0.5
    return math.sqrt(only_one + only_other - (only_one - only_other) ** 2 / n) / n


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
        return student(self.seeds - 1) * self.deviation / math.sqrt(self.seeds) if self.seeds > 1 else math.nan


def spread(values: Sequence[float]) -> Spread:
    """Return the distribution of a quantity over seeds; values that are not finite are left out."""
    found = np.array([value for value in values if math.isfinite(value)], dtype=np.float64)
    if not len(found):
        return Spread(math.nan, math.nan, math.nan, math.nan, 0)
    deviation = float(found.std(ddof=1)) if len(found) > 1 else math.nan
    return Spread(float(found.mean()), deviation, float(found.min()), float(found.max()), len(found))


def student(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t; above 20 degrees of freedom an approximation.

    Raises:
        FieldError: for fewer than 1 degree of freedom.
    """
    if freedom < 1:
        raise FieldError("freedom", f"must be at least 1, got {freedom}: take two seeds or more")
    return STUDENT[freedom - 1] if freedom <= len(STUDENT) else NORMAL_97_5 * (1 + 1.2 / freedom)


@dataclass(frozen=True)
class Verdict:
    """The difference of two accuracies, and its noise.

    Attributes:
        difference: the second minus the first, −1 … 1. noise: half the width of its 95 % interval.
        seeds: the number of seeds of each.
    """

    difference: float
    noise: float
    seeds: int

    @property
    def shown(self) -> bool:
        """True if the difference is larger than its noise: by chance alone that happens once in twenty times."""
        return abs(self.difference) > self.noise

    @property
    def short(self) -> str:
        """The result in a few words: "Difference 0.3 points, noise 0.4: could be chance"."""
        if math.isnan(self.difference) or math.isnan(self.noise):
            return "Nothing to compare yet"
        return (
            f"Difference {100 * abs(self.difference):.1f} points, noise {100 * self.noise:.1f}: "
            f"{'more than chance' if self.shown else 'could be chance'}"
        )

    def __str__(self) -> str:
        alone = self.seeds == 1 and not math.isnan(self.noise)
        return f"{self.short}; one seed: the noise is the test set's alone." if alone else f"{self.short}."


def verdict_of_seeds(one: Sequence[float], other: Sequence[float]) -> Verdict:
    """Compare two settings that were trained with the same seeds, by the paired t-test (Student 1908).

    Args:
        one, other: an accuracy, 0 … 1, for each seed, in the same order; pairs with a NaN are left out.

    Raises:
        FieldError: for different numbers of seeds.
    """
    if len(one) != len(other):
        raise FieldError("other", f"must have the same seeds, got {len(other)} and {len(one)}")
    found = spread([b - a for a, b in zip(one, other, strict=True)])
    return Verdict(found.mean, found.noise, found.seeds)


def verdict_of_examples(one: Array, other: Array) -> Verdict:
    """Compare two runs of one seed each on the same examples.

    The noise does not include the variation over seeds, which one seed cannot show.

    Args:
        one, other: True where each network is right (n,).
    """
    error = paired_standard_error(one, other)
    difference = float(np.mean(other) - np.mean(one)) if len(one) else math.nan
    return Verdict(difference, NORMAL_97_5 * error, 1)
