"""Standardization of features by the training examples in use.

The evaluation set is not used, because training would then depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

CHUNK_VALUES = 1 << 16  # values converted to float64 at once: a large data set is not copied whole
MAX_SCALED = 1e6  # standard deviations: scaled values are clipped to ± this


@dataclass(frozen=True)
class Scaling:
    """The means and standard deviations of the features.

    Attributes:
        mean: float64 (features,).
        std: float64 (features,); 0 for a feature that is the same in all training examples, which becomes 0 in
            every example.
    """

    mean: Array
    std: Array

    @classmethod
    def of(cls, x: Array) -> Scaling:
        """Return the scaling of the training examples x (n, features)."""
        mean = np.asarray(np.mean(x, axis=0, dtype=np.float64))
        squares = np.zeros(x.shape[1])
        for rows in row_slices(x):
            squares += np.square(x[rows].astype(np.float64) - mean).sum(axis=0)
        # the mean of equal numbers may differ from them in the last digit: the deviation would not be exactly 0
        is_constant = x.min(axis=0) == x.max(axis=0)
        return cls(mean, np.where(is_constant, 0.0, np.sqrt(squares / len(x))))

    def apply(self, x: Array, dtype: np.dtype) -> Array:
        """Return (x − mean) / std of every feature, (n, features), computed in float64 and rounded to `dtype`."""
        scaled = np.empty(x.shape, dtype)
        factor = np.divide(1.0, self.std, out=np.zeros_like(self.std), where=self.std > 0)
        for rows in row_slices(x):
            # evaluation examples may have any value: float32 could overflow, and 0 · ∞ is NaN
            scaled[rows] = np.clip((x[rows].astype(np.float64) - self.mean) * factor, -MAX_SCALED, MAX_SCALED)
        return scaled


def row_slices(x: Array) -> list[slice]:
    """Return slices of the rows of x (n, features), each with about `CHUNK_VALUES` values."""
    rows = max(1, CHUNK_VALUES // x.shape[1])
    return [slice(first, first + rows) for first in range(0, len(x), rows)]
