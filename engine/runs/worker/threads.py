"""How many threads BLAS multiplies a run's matrices with.

Runs side by side must not fight for the cores, and a small product is over before a second thread
has begun: so one thread, unless the network is large and there are cores that no other run needs.

With another number of threads BLAS adds in another order, and a result may differ in its last bits.
The same seed gives the same bits as long as the number of threads is the same. So the number is
decided before the first mini-batch, and changes only when the number of runs that train does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise

from threadpoolctl import ThreadpoolController

WORTHWHILE = 3e7  # multiply-adds in one product; below, a second thread wins little and, kept waiting, loses much


def cores_here() -> int:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):  # where the system can tie a process to some of them
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cores_each(cores: int, active_runs: int) -> int:
    """The cores that each run may use, at least one, where so many train."""
    return max(1, cores // max(1, active_runs))


def blas_threads(sizes: Sequence[int], mini_batch_size: int, cores: int) -> int:
    """The threads for a run's products.

    Args:
        sizes: neurons of every layer, inputs and outputs included. mini_batch_size: examples in one.
        cores: those this run may use, `cores_each`.

    Returns:
        one for a network whose largest product of a mini-batch is below `WORTHWHILE`; above it, a
        thread for every half of that, but never more than the cores.
    """
    largest = mini_batch_size * max(a * b for a, b in pairwise(sizes))
    return max(1, min(cores, int(2 * largest / WORTHWHILE)))


class BlasThreads:
    """This process's BLAS libraries, looked up once: setting the number is then a call or two.

    NumPy must be imported before this is made.
    """

    def __init__(self) -> None:
        self._libraries = ThreadpoolController()
        self.use(1)

    def use(self, threads: int) -> None:
        """From the next product on, multiply with so many threads."""
        self._libraries.limit(limits=threads, user_api="blas")
