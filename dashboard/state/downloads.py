"""Background downloads of data sets: at most one for each set, shared by all pages of the server."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from engine import FieldError
from engine.data import fetch

log = logging.getLogger(__name__)


@dataclass
class Download:
    """The progress of a download.

    Attributes:
        name: the name of the data set.
        file: the name of the current file.
        received: the number of bytes of this file that have arrived.
        total: the size of this file in bytes; None if unknown.
        files: the number of files whose download has started.
        problem: an error message with the way out; None if there is no error.
        finished: whether the download has ended, successfully or not.
    """

    name: str
    file: str = ""
    received: int = 0
    total: int | None = None
    files: int = 0
    problem: str | None = None
    finished: bool = False

    @property
    def share(self) -> float:
        """The share of the current file that has arrived, 0 … 1."""
        return min(1.0, self.received / self.total) if self.total else 0.0

    @property
    def text(self) -> str:
        """A text with the progress."""
        if not self.file:
            return "Connecting to a mirror, or waiting for another process that fetches the same files"
        size = f" of {self.total / 1e6:.1f}" if self.total else ""
        return f"{self.file}: {self.received / 1e6:.1f}{size} MB"

    def _progress(self, file: str, received: int, total: int | None) -> None:
        if file != self.file:
            self.files += 1
        self.file, self.received, self.total = file, received, total

    def _run(self) -> None:
        try:
            fetch(self.name, self._progress)
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
