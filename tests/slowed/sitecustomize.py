"""Slow down every Python process that has this folder on its path (see `tests/slowing.py`)."""

import ctypes
import os
import threading
import time

LOCKED, FREE = 0.02, 0.01  # seconds with and without the interpreter lock: other threads get a third of the time


def block_other_threads() -> None:
    """Hold the interpreter lock two thirds of the time without using the processor.

    Unlike `time.sleep`, a call through `ctypes.PyDLL` does not release the lock, so every other thread stops.
    """
    usleep = ctypes.PyDLL(None).usleep
    while True:
        usleep(int(LOCKED * 1e6))
        time.sleep(FREE)


if os.environ.get("REGSCOPE_SLOWED"):
    threading.Thread(target=block_other_threads, name="slowed", daemon=True).start()
