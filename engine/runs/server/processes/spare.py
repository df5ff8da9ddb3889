"""A spare worker process, so that a run starts without waiting for an interpreter."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from engine.runs.server.processes.process import Process

SPARE_DELAY = 1.5  # seconds from the start of a run to the next spare, so that they do not compete for the cores

log = logging.getLogger(__name__)


class SpareWorker:
    """Keeps one worker process ready.

    Args:
        enabled: whether to keep a spare; if False, `take` always creates a process.

    Attributes:
        process: the spare; None while there is none.
    """

    def __init__(self, enabled: bool) -> None:
        self.process: Process | None = None
        self._enabled = enabled
        self._lock = threading.Lock()
        self._create_spare()

    def take(self) -> Process:
        """Return the spare, or a new process if there is none.

        The next spare is created after `SPARE_DELAY` seconds.

        Raises:
            OSError: if no process can be created.
        """
        with self._lock:
            process, self.process = self.process, None
        if process is None or process.popen.poll() is not None:
            process = Process()
        if self._enabled:
            timer = threading.Timer(SPARE_DELAY, self._create_spare)
            timer.daemon = True
            timer.start()
        return process

    @contextmanager
    def lend(self, count: int) -> Iterator[list[Process | OSError]]:
        """Yield a list of processes. Remove those that are used from the list; the others are taken back at the end.

        Call this before a lock is taken, because it takes time to create a process. If a process cannot be created,
        the list contains the error.
        """
        workers: list[Process | OSError] = []
        try:
            for _ in range(count):
                try:
                    workers.append(self.take())
                except OSError as error:
                    workers.append(error)
            yield workers
        finally:
            for worker in workers:
                if isinstance(worker, Process):
                    self._take_back(worker)

    def close(self) -> Process | None:
        """Stop creating spares; return the current spare, which the caller must close."""
        with self._lock:
            self._enabled = False
            process, self.process = self.process, None
        return process

    def _create_spare(self) -> None:
        with self._lock:
            if self._enabled and self.process is None:
                try:
                    self.process = Process()
                except OSError as error:
                    log.warning("no spare worker could be created (%s): the next start of a run tries again", error)

    def _take_back(self, process: Process) -> None:
        """Keep an unused process as the spare, or end it if there is one."""
        with self._lock:
            if self._enabled and self.process is None:
                self.process = process
                return
        threading.Thread(target=_end, args=(process,), daemon=True).start()


def _end(process: Process) -> None:
    process.close()
    process.close_files()
