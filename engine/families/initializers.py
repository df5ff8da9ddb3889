"""The distributions of initial weights in the chapter. Initial biases are N(0, 1) with both."""

from __future__ import annotations

import numpy as np
from numpy import ndarray as Array


def large(rng: np.random.Generator, n_in: int, n_out: int) -> Array:
    """Return weights from N(0, 1), the chapter's first choice: hidden neurons with many inputs saturate."""
    return rng.standard_normal((n_in, n_out))


def scaled(rng: np.random.Generator, n_in: int, n_out: int) -> Array:
    """Return weights from N(0, 1/√n_in): the spread of z hardly depends on the number of inputs."""
    return rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)


INITIALIZERS = {"scaled": scaled, "large": large}
