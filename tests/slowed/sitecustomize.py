"""Slow down every Python process that has this folder on its path (see `tests/slowing.py`)."""

import ctypes
import os
import threading
import time

HELD, FREE = 0.02, 0.01  # seconds with and without the interpreter's lock: other threads get a third of the time


def hold_the_interpreter() -> None:
    """Hold the interpreter's lock two thirds of the time, without using the processor.

    `ctypes.PyDLL` keeps the lock during a call, unlike `time.sleep`, so every other thread stops.
    """
    usleep = ctypes.PyDLL(None).usleep
    while True:
        usleep(int(HELD * 1e6))
        time.sleep(FREE)


if os.environ.get("REGSCOPE_SLOWED"):
    threading.Thread(target=hold_the_interpreter, name="slowed", daemon=True).start()
