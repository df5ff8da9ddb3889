"""One product straight from BLAS: C ← β C + α Aᵀ B.

NumPy's product can only replace C. An update keeps what was there, W ← f W + aᵀ δ, and with NumPy
alone that is three passes over the weights and a matrix as large as they are; BLAS has it in one
call. NumPy brings a BLAS along, so the call goes to the library that is loaded already. Where none
is found that gives the right answer, the same is done with NumPy, only slower.
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

ROW_MAJOR, PLAIN, TRANSPOSED = 101, 111, 112  # the numbers of CBLAS
ACCELERATE = "/System/Library/Frameworks/Accelerate.framework/Accelerate"  # what NumPy uses on newer Macs

Factor = ctypes.c_float | ctypes.c_double


class Routine(NamedTuple):
    """A `gemm` for one type of number, and the C types it takes."""

    gemm: Any
    whole: Any
    real: Any


def factor(dtype: np.dtype | str, value: float = 1.0) -> Factor:
    """A number that prepared products share: set its `value`, and the next call takes the new one."""
    return ctypes.c_float(value) if np.dtype(dtype) == np.float32 else ctypes.c_double(value)


def accumulator(
    c: Array, a: Array, b: Array, alpha: Factor, beta: Factor, room: Array | None = None
) -> Callable[[], None]:
    """A call without arguments that does C ← β C + α Aᵀ B on these very arrays.

    Everything about the call is prepared here, because in small networks preparing takes as long
    as multiplying.

    Args:
        c: (k, n). a: (m, k). b: (m, n). All of one type, float32 or float64, and row-major.
        alpha, beta: read at each call.
        room: as many numbers as c has, which calls may overwrite: what NumPy needs where there is no
            BLAS. Made here when left out; prepared products that are not called at once may share it.

    Raises:
        ValueError: for arrays that do not go together, are not row-major or must not be written to.
    """
    (m, k), n = a.shape, b.shape[1]
    if b.shape[0] != m or c.shape != (k, n) or not (a.dtype == b.dtype == c.dtype):
        raise ValueError(f"shapes {c.shape}, {a.shape}, {b.shape} or types do not make C ← β C + α Aᵀ B")
    if not all(each.flags.c_contiguous for each in (a, b, c)):
        raise ValueError("a prepared product needs row-major arrays")
    if c.dtype.char not in "fd" or not c.dtype.isnative or not c.flags.writeable:  # BLAS would not ask
        raise ValueError(f"c must be writeable float32 or float64, got {c.dtype}, writeable {c.flags.writeable}")
    routine = _routine(c.dtype.char)
    if routine is None:
        return _with_numpy(c, a, b, alpha, beta, room)
    arguments = _arguments(routine, c, a, b, alpha, beta)
    kept_alive = (a, b, c)

    # as defaults: names that are looked up in the call itself are found sooner, and the arrays stay alive
    def call(gemm: Any = routine.gemm, arguments: tuple = arguments, kept_alive: tuple = kept_alive) -> None:
        gemm(*arguments)

    return call


def _arguments(routine: Routine, c: Array, a: Array, b: Array, alpha: Factor, beta: Factor) -> tuple:
    """What CBLAS's gemm wants to know, as C values."""
    (m, k), n = a.shape, b.shape[1]
    whole = routine.whole
    return (
        *(ctypes.c_int(number) for number in (ROW_MAJOR, TRANSPOSED, PLAIN)),
        *(whole(number) for number in (k, n, m)),
        alpha,
        ctypes.c_void_p(a.ctypes.data),
        whole(max(1, k)),
        ctypes.c_void_p(b.ctypes.data),
        whole(max(1, n)),
        beta,
        ctypes.c_void_p(c.ctypes.data),
        whole(max(1, n)),
    )


def _with_numpy(
    c: Array, a: Array, b: Array, alpha: Factor, beta: Factor, room: Array | None = None
) -> Callable[[], None]:
    product = np.empty_like(c) if room is None else room[: c.size].reshape(c.shape)
    scaled = np.empty_like(b)

    def call() -> None:
        nonlocal c
        np.multiply(b, alpha.value, scaled)  # the small factor instead of the large product
        np.dot(a.T, scaled, product)
        if beta.value != 1.0:
            c *= beta.value
        c += product

    return call


@cache
def _routine(kind: str) -> Routine | None:
    """The `gemm` of a loaded BLAS for "f" or "d" that passes a trial; None where there is none."""
    real = ctypes.c_float if kind == "f" else ctypes.c_double
    for path in _libraries():
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        # 64_ in a name says that its whole numbers have 64 bits; scipy_ is what NumPy's own copy is called
        for name, whole in (
            (f"scipy_cblas_{'s' if kind == 'f' else 'd'}gemm64_", ctypes.c_int64),
            (f"cblas_{'s' if kind == 'f' else 'd'}gemm64_", ctypes.c_int64),
            (f"scipy_cblas_{'s' if kind == 'f' else 'd'}gemm", ctypes.c_int),
            (f"cblas_{'s' if kind == 'f' else 'd'}gemm", ctypes.c_int),
        ):
            gemm = getattr(library, name, None)
            if gemm is None:
                continue
            gemm.restype = None
            routine = Routine(gemm, whole, real)
            if _is_right(routine, kind):
                return routine
    return None


def _libraries() -> Iterator[str]:
    """Where NumPy's BLAS may be found: through NumPy's own extension, beside it, or in the system."""
    # looked up in an extension, a name is found in the libraries it is linked with: the very BLAS NumPy uses
    yield str(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]
    package = Path(np.__file__).parent  # Windows looks no further than the library itself
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        yield from (str(path) for path in sorted(folder.glob("*openblas*")))
    if sys.platform == "darwin":
        yield ACCELERATE


def _is_right(routine: Routine, kind: str) -> bool:
    """Whether it multiplies as it should: a library may be built in ways its names do not tell."""
    a, b = np.arange(6, dtype=kind).reshape(2, 3), np.arange(8, dtype=kind).reshape(2, 4)
    c = np.arange(12, dtype=kind).reshape(3, 4)
    expected = 0.5 * c + 2.0 * (a.T @ b)
    routine.gemm(*_arguments(routine, c, a, b, routine.real(2.0), routine.real(0.5)))
    return bool(np.array_equal(c, expected))
