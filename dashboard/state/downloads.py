"""Background downloads of data sets: at most one for each set, shared by all pages of the server."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from engine import FieldError
from engine.data import fetch
from engine.errors import format_bytes

log = logging.getLogger(__name__)


@dataclass
class Download:
    """The progress of a download.

    Attributes:
        name: the name of the data set.
        file: the name of the current file.
        received_bytes: the number of bytes of this file that have arrived.
        total_bytes: the size of this file in bytes; None if unknown.
        file_count: the number of files whose download has started.
        problem: an error message with a remedy; None if there is no error.
        finished: whether the download has ended, successfully or not.
    """

    name: str
    file: str = ""
    received_bytes: int = 0
    total_bytes: int | None = None
    file_count: int = 0
    problem: str | None = None
    finished: bool = False

    @property
    def share(self) -> float:
        """The share of the current file that has arrived, 0 … 1."""
        return min(1.0, self.received_bytes / self.total_bytes) if self.total_bytes else 0.0

    @property
    def text(self) -> str:
        """A text with the progress."""
        if not self.file:
            return "Connecting to a mirror, or waiting for another process that fetches the same files"
        size = f" of {format_bytes(self.total_bytes)}" if self.total_bytes else ""
        return f"{self.file}: {format_bytes(self.received_bytes)}{size}"

    def _set_progress(self, file: str, received_bytes: int, total_bytes: int | None) -> None:
        if file != self.file:
            self.file_count += 1
        self.file, self.received_bytes, self.total_bytes = file, received_bytes, total_bytes

    def _run(self) -> None:
        try:
            fetch(self.name, self._set_progress)
        except FieldError as error:
            self.problem = error.problem
        except Exception as error:  # in a separate thread: without this handler the page would wait for ever
            log.exception("fetching %s failed", self.name)
            self.problem = f"cannot be fetched ({type(error).__name__}: {error}): try again"
        finally:
            self.finished = True


_lock = threading.Lock()
_latest: dict[str, Download] = {}


def start_download(name: str) -> Download:
    """Start the download of a data set, or return the one in progress."""
    with _lock:
        current = _latest.get(name)
        if current is None or current.finished:
            current = _latest[name] = Download(name)
            threading.Thread(target=current._run, name=f"fetch {name}", daemon=True).start()
        return current


def latest_download(name: str) -> Download | None:
    """Return the latest download of a data set, or None if there was none."""
    return _latest.get(name)
