"""The number of BLAS threads for the matrix products of a run.

The number is one, unless the network is large and there are cores that no other run uses. Runs must not compete for
cores, and a small product ends before a second thread has started.

The number of threads changes the order of sums in BLAS, so results may differ in their last bits. Therefore the
number is set before the first mini-batch, and changes only with the number of runs that train.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise

from threadpoolctl import ThreadpoolController

MIN_PRODUCT = 3e7  # multiply-adds in one product; for smaller products a second thread may be slower


def available_cores() -> int:
    """Return the number of cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):  # not on all systems
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cores_per_run(cores: int, active_runs: int) -> int:
    """Return the number of cores for each of the runs that train, at least one."""
    return max(1, cores // max(1, active_runs))


def blas_threads(layer_sizes: Sequence[int], mini_batch_size: int, cores: int) -> int:
    """Return the number of threads for the products of a run.

    Args:
        layer_sizes: neurons of every layer, including inputs and outputs.
        mini_batch_size: examples in a mini-batch.
        cores: the maximum number of threads, see `cores_per_run`.

    Returns:
        1 if the largest product of a mini-batch is smaller than `MIN_PRODUCT`; else one thread for every half of
        `MIN_PRODUCT`, but at most `cores`.
    """
    largest_product = mini_batch_size * max(a * b for a, b in pairwise(layer_sizes))
    return max(1, min(cores, int(2 * largest_product / MIN_PRODUCT)))


class BlasThreads:
    """The BLAS libraries of this process.

    The libraries are found once, so that setting the number of threads is fast. NumPy must be imported first.
    """

    def __init__(self) -> None:
        self._libraries = ThreadpoolController()
        self.set_count(1)

    def set_count(self, threads: int) -> None:
        """Set the number of threads, from the next product on."""
        self._libraries.limit(limits=threads, user_api="blas")
