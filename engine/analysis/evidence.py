"""Honest error bars: how far accuracies can be trusted, and whether two differ by more than their noise.

Two things make an accuracy uncertain. The test set is a sample: another as large would give another figure; that is
`standard_error`. And a run is one of many: another seed gives other initial weights, another order of examples, other
masks; that is seen by training again with other seeds, `spread`. Two networks that are judged on the same examples,
or were trained with the same seeds, are compared example by example, or seed by seed: what both find hard drops out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.errors import FieldError

NORMAL = 1.959964  # of a normal distribution, 95 % lies within so many standard deviations
# Student's t, 95 %, two-sided, by degrees of freedom from 1 on (Fisher & Yates, table III)
STUDENT = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
)  # fmt: skip


def standard_error(accuracy: float, size: int) -> float:
    """The standard error of an accuracy, 0 … 1, that was measured on so many examples.

    With two right and two wrong answers added, so that 10 of 10 right is not taken for certainty (Agresti & Coull
    1998). NaN of no examples.

    Raises:
        FieldError: for an accuracy that is none.
    """
    if size <= 0 or math.isnan(accuracy):
        return math.nan
    if not 0 <= accuracy <= 1:
        raise FieldError("accuracy", f"must be from 0 to 1, got {accuracy:g}: give a share, not percents")
    p = (accuracy * size + 2) / (size + 4)
    return math.sqrt(p * (1 - p) / (size + 4))


def paired_standard_error(one: Array, other: Array) -> float:
    """The standard error of the difference of two accuracies on the same examples.

    Only examples that one gets right and the other wrong say anything (McNemar 1947); with half an example added to
    each of the four cases, so that two networks that never disagree are not taken for certainly equal (Agresti &
    Min 2005).

    Args:
        one, other: True where each network is right (n,).

    Raises:
        FieldError: for arrays of different lengths.
    """
    one, other = np.asarray(one, dtype=bool), np.asarray(other, dtype=bool)
    if one.shape != other.shape or one.ndim != 1:
        raise FieldError("other", f"must judge the same examples, got {other.shape} beside {one.shape}")
    if not len(one):
        return math.nan
    n = len(one) + 2
    only_one, only_other = np.sum(one & ~other) + 0.5, np.sum(other & ~one) + 0.5
    return math.sqrt(only_one + only_other - (only_one - only_other) ** 2 / n) / n


@dataclass(frozen=True)
class Spread:
    """The same quantity of several seeds.

    Attributes:
        mean, deviation: and the standard deviation of a single run, n − 1 in the denominator; NaN of fewer than two.
        low, high: the extremes. seeds: how many there are.
    """

    mean: float
    deviation: float
    low: float
    high: float
    seeds: int

    @property
    def noise(self) -> float:
        """Half the width of the 95 % interval of the mean, by Student's t; NaN of fewer than two."""
        return student(self.seeds - 1) * self.deviation / math.sqrt(self.seeds) if self.seeds > 1 else math.nan


def spread(values: Sequence[float]) -> Spread:
    """The spread of one figure over seeds; values that are not finite are left out."""
    found = np.array([value for value in values if math.isfinite(value)], dtype=np.float64)
    if not len(found):
        return Spread(math.nan, math.nan, math.nan, math.nan, 0)
    deviation = float(found.std(ddof=1)) if len(found) > 1 else math.nan
    return Spread(float(found.mean()), deviation, float(found.min()), float(found.max()), len(found))


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t with so many degrees of freedom; the normal one's from 20 on is near enough.

    Raises:
        FieldError: below 1.
    """
    if freedom < 1:
        raise FieldError("freedom", f"must be at least 1, got {freedom}: take two seeds or more")
    return STUDENT[freedom - 1] if freedom <= len(STUDENT) else NORMAL * (1 + 1.2 / freedom)


@dataclass(frozen=True)
class Verdict:
    """Whether two accuracies differ by more than their noise.

    Attributes:
        difference: the second minus the first, 0 … 1. noise: half the width of its 95 % interval.
        seeds: how many each was trained with.
    """

    difference: float
    noise: float
    seeds: int

    @property
    def shown(self) -> bool:
        """Whether the difference is larger than its noise: chance alone does that once in twenty times."""
        return abs(self.difference) > self.noise

    @property
    def short(self) -> str:
        """A sentence such as "Difference 0.3 points, noise 0.4: could be chance"."""
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
    """Compare two settings, each trained with the same seeds: seed by seed (Student 1908, paired).

    Args:
        one, other: an accuracy, 0 … 1, for each seed, in the same order; pairs in which one is NaN are left out.

    Raises:
        FieldError: for different numbers of seeds.
    """
    if len(one) != len(other):
        raise FieldError("other", f"must have the same seeds, got {len(other)} beside {len(one)}")
    found = spread([b - a for a, b in zip(one, other, strict=True)])
    return Verdict(found.mean, found.noise, found.seeds)


def verdict_of_examples(one: Array, other: Array) -> Verdict:
    """Compare two single runs by which of the same examples each gets right, (n,) both.

    What another seed would have given is not in the noise: with one seed it cannot be known.
    """
    error = paired_standard_error(one, other)
    difference = float(np.mean(other) - np.mean(one)) if len(one) else math.nan
    return Verdict(difference, NORMAL * error, 1)
