"""A probe of the rounding of this machine's BLAS and NumPy."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

PRODUCTS = ((10, 64, 20), (20, 2, 16), (7, 16, 12), (10, 20, 10), (100, 64, 300), (100, 300, 300), (64, 10, 100))
FUNCTIONS = (np.exp, np.log1p, np.tanh, np.sin, np.cos, np.sqrt)


@cache
def probe(dtype: str) -> str:
    """Return the SHA-256 of fixed matrix products, functions and sums of a dtype.

    BLAS and NumPy choose their kernels by the CPU, and other kernels round differently. The operands
    are made from integers, so they are equal on every machine.
    """
    digest = hashlib.sha256()
    for m, k, n in PRODUCTS:
        a, b = _numbers(m, k, dtype), _numbers(k, n, dtype)
        for result in (a @ b, b.T @ a.T, a.T @ (a @ b), np.einsum("ij,ij->j", a, a), a.mean(axis=1), a.sum()):
            digest.update(np.ascontiguousarray(result).tobytes())
    for function in FUNCTIONS:
        digest.update(function(_numbers(50, 41, dtype) + 1).tobytes())
    return digest.hexdigest()


def _numbers(rows: int, columns: int, dtype: str) -> np.ndarray:
    """A matrix of numbers between −½ and ½ that are not short binary fractions."""
    integers = np.arange(rows * columns, dtype=np.int64) * 7919 % 10_007
    return ((integers - 5003) / 10_007).astype(dtype).reshape(rows, columns)
