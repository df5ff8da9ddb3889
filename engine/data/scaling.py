"""Standardizing features by the training examples in use, and by nothing else.

Scaled by examples that judge it, a network would have seen something of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

PART = 1 << 16  # numbers worked on together in float64: a large data set is not copied whole
FAR = 1e6  # standard deviations: what lies further out, in the judge's examples, is brought to here


@dataclass(frozen=True)
class Scaling:
    """What takes each feature to mean 0 and standard deviation 1.

    Attributes:
        mean: float64 (features,).
        std: float64 (features,), 0 for a feature that is the same in all training examples: it
            tells nothing apart and becomes 0 everywhere.
    """

    mean: Array
    std: Array

    @classmethod
    def of(cls, x: Array) -> Scaling:
        """The scaling of the training examples x (n, features)."""
        mean = np.asarray(np.mean(x, axis=0, dtype=np.float64))
        squares = np.zeros(x.shape[1])
        for part in _parts(x):
            squares += np.square(x[part].astype(np.float64) - mean).sum(axis=0)
        # of equal numbers the mean may be off in its last digit, and the deviation then not quite 0
        constant = x.min(axis=0) == x.max(axis=0)
        return cls(mean, np.where(constant, 0.0, np.sqrt(squares / len(x))))

    def apply(self, x: Array, dtype: np.dtype) -> Array:
        """(x − mean) / std of every feature, (n, features), computed in float64 and rounded to `dtype`."""
        scaled = np.empty(x.shape, dtype)
        factor = np.divide(1.0, self.std, out=np.zeros_like(self.std), where=self.std > 0)
        for part in _parts(x):
            # the judge's examples may lie anywhere; float32 could not hold some, and 0 · ∞ is no number
            scaled[part] = np.clip((x[part].astype(np.float64) - self.mean) * factor, -FAR, FAR)
        return scaled


def _parts(x: Array) -> list[slice]:
    rows = max(1, PART // x.shape[1])
    return [slice(at, at + rows) for at in range(0, len(x), rows)]
