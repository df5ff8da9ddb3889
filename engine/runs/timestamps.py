"""Times of day that never go back, for the order of runs.

Durations, timeouts and rates use `time.monotonic` or `time.perf_counter`. The time of day is used only where it is
shown or must have a meaning after a restart.
"""

from __future__ import annotations

import threading
import time

STEP = 1e-5  # seconds; a float of this size of seconds since 1970 has a resolution of 2.4e-7

_last = 0.0
_lock = threading.Lock()


def next_timestamp() -> float:
    """Return the time in seconds since 1970, later than the last result in this process.

    If the clock of the machine is set back, the results grow by `STEP` until the clock has caught up. The newest run
    therefore has the latest time.
    """
    global _last
    with _lock:
        _last = max(time.time(), _last + STEP)
        return _last
