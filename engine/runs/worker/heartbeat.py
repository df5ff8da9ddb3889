"""Signs of life of a worker, from a thread of its own: a single update may take longer than the server waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from engine.runs.messages import Heartbeat
from engine.runs.worker.channel import send


@contextmanager
def heartbeats(out: BinaryIO, interval: float = Heartbeat.INTERVAL) -> Iterator[None]:
    """Send a `Heartbeat` every `interval` seconds until the end of the context.

    A report may be sent at the same time: each message is one call of `write`, which a buffered file does not divide.
    """
    ended = threading.Event()

    def beat() -> None:
        with suppress(OSError, ValueError):  # the server has ended, and this process will, too
            while not ended.wait(interval):
                send(out, Heartbeat())

    threading.Thread(target=beat, daemon=True, name="heartbeats").start()
    try:
        yield
    finally:
        ended.set()
