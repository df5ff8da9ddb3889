"""The product C ← β C + α Aᵀ B by a direct call of BLAS.

An update is W ← f W + aᵀ δ. With NumPy it takes three passes over the weights and a temporary matrix of their size;
BLAS needs one call. The call uses the BLAS library that NumPy has loaded. If no library gives the right result, NumPy
computes the product, only slower.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray as Array

ROW_MAJOR, NOT_TRANSPOSED, TRANSPOSED = 101, 111, 112  # constants of CBLAS
ACCELERATE = "/System/Library/Frameworks/Accelerate.framework/Accelerate"  # the BLAS of NumPy on newer Macs

Factor = ctypes.c_float | ctypes.c_double


class Routine(NamedTuple):
    """A `gemm` for one type of number.

    Attributes:
        gemm: the function. int_type, float_type: its C types of whole and real numbers.
    """

    gemm: Any
    int_type: Any
    float_type: Any


def shared_factor(dtype: np.dtype | str, value: float = 1.0) -> Factor:
    """Return a number whose `value` is read by prepared products at each call."""
    return ctypes.c_float(value) if np.dtype(dtype) == np.float32 else ctypes.c_double(value)


def prepare_product(
    c: Array, a: Array, b: Array, alpha: Factor, beta: Factor, buffer: Array | None = None
) -> Callable[[], None]:
    """Return a function without arguments that does C ← β C + α Aᵀ B on these arrays.

    The arguments of BLAS are prepared here, because in small networks that takes as long as the product.

    Args:
        c: (k, n). a: (m, k). b: (m, n). All of one type, float32 or float64, and row-major.
        alpha, beta: read at each call.
        buffer: at least as many numbers as c, which calls may overwrite; used only without BLAS. Several products
            may share it if they are not called at the same time. Default: a new array.

    Raises:
        ValueError: if the shapes or types do not fit, or an array is not row-major or c is not writeable.
    """
    (m, k), n = a.shape, b.shape[1]
    if b.shape[0] != m or c.shape != (k, n) or not (a.dtype == b.dtype == c.dtype):
        raise ValueError(f"shapes {c.shape}, {a.shape}, {b.shape} or types do not make C ← β C + α Aᵀ B")
    if not all(each.flags.c_contiguous for each in (a, b, c)):
        raise ValueError("a prepared product needs row-major arrays")
    if c.dtype.char not in "fd" or not c.dtype.isnative or not c.flags.writeable:  # BLAS does not check
        raise ValueError(f"c must be writeable float32 or float64, got {c.dtype}, writeable {c.flags.writeable}")
    routine = _routine(c.dtype.char)
    if routine is None:
        return _prepare_numpy_product(c, a, b, alpha, beta, buffer)
    arguments = _arguments(routine, c, a, b, alpha, beta)
    kept_alive = (a, b, c)

    # defaults are looked up faster than names of the enclosing function, and they keep the arrays alive
    def call(gemm: Any = routine.gemm, arguments: tuple = arguments, kept_alive: tuple = kept_alive) -> None:
        gemm(*arguments)

    return call


def _arguments(routine: Routine, c: Array, a: Array, b: Array, alpha: Factor, beta: Factor) -> tuple:
    """Return the arguments of CBLAS's gemm as C values."""
    (m, k), n = a.shape, b.shape[1]
    int_type = routine.int_type
    return (
        *(ctypes.c_int(number) for number in (ROW_MAJOR, TRANSPOSED, NOT_TRANSPOSED)),
        *(int_type(number) for number in (k, n, m)),
        alpha,
        ctypes.c_void_p(a.ctypes.data),
        int_type(max(1, k)),
        ctypes.c_void_p(b.ctypes.data),
        int_type(max(1, n)),
        beta,
        ctypes.c_void_p(c.ctypes.data),
        int_type(max(1, n)),
    )


def _prepare_numpy_product(
    c: Array, a: Array, b: Array, alpha: Factor, beta: Factor, buffer: Array | None = None
) -> Callable[[], None]:
    product = np.empty_like(c) if buffer is None else buffer[: c.size].reshape(c.shape)
    scaled = np.empty_like(b)

    def call() -> None:
        nonlocal c
        np.multiply(b, alpha.value, scaled)  # scaling the small factor is faster than scaling the product
        np.dot(a.T, scaled, product)
        if beta.value != 1.0:
            c *= beta.value
        c += product

    return call


@cache
def _routine(type_char: str) -> Routine | None:
    """Return the `gemm` of a loaded BLAS for "f" or "d" that gives the right result; None without one."""
    float_type = ctypes.c_float if type_char == "f" else ctypes.c_double
    for path in _libraries():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        # 64_ in a name means whole numbers of 64 bits; scipy_ is the prefix of NumPy's own copy
        for name, int_type in (
            (f"scipy_cblas_{'s' if type_char == 'f' else 'd'}gemm64_", ctypes.c_int64),
            (f"cblas_{'s' if type_char == 'f' else 'd'}gemm64_", ctypes.c_int64),
            (f"scipy_cblas_{'s' if type_char == 'f' else 'd'}gemm", ctypes.c_int),
            (f"cblas_{'s' if type_char == 'f' else 'd'}gemm", ctypes.c_int),
        ):
            gemm = getattr(library, name, None)
            if gemm is None:
                continue
            gemm.restype = None
            routine = Routine(gemm, int_type, float_type)
            if _is_correct(routine, type_char):
                return routine
    return None


def _libraries() -> Iterator[str]:
    """Yield the possible paths of NumPy's BLAS: NumPy's extension, the files next to it, and the system."""
    # a name looked up in an extension is found in the libraries that it is linked with, so in NumPy's BLAS
    yield str(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]
    package = Path(np.__file__).parent  # on Windows only the library itself has the name
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        yield from (str(path) for path in sorted(folder.glob("*openblas*")))
    if sys.platform == "darwin":
        yield ACCELERATE


def _is_correct(routine: Routine, type_char: str) -> bool:
    """Return True if a routine gives the right result: the names do not show how a library was built."""
    a, b = np.arange(6, dtype=type_char).reshape(2, 3), np.arange(8, dtype=type_char).reshape(2, 4)
    c = np.arange(12, dtype=type_char).reshape(3, 4)
    expected = 0.5 * c + 2.0 * (a.T @ b)
    routine.gemm(*_arguments(routine, c, a, b, routine.float_type(2.0), routine.float_type(0.5)))
    return bool(np.array_equal(c, expected))
