"""How the weights start, as in the chapter. Biases start as N(0, 1) with either."""

from __future__ import annotations

import numpy as np
from numpy import ndarray as Array


def large(rng: np.random.Generator, n_in: int, n_out: int) -> Array:
    """Every weight N(0, 1): the chapter's first, which saturates hidden neurons with many inputs."""
    return rng.standard_normal((n_in, n_out))


def scaled(rng: np.random.Generator, n_in: int, n_out: int) -> Array:
    """N(0, 1/√n_in): z then has about the same spread whatever the number of inputs."""
    return rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)


INITIALIZERS = {"scaled": scaled, "large": large}
