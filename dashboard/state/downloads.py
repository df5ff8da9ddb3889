"""Downloads of data sets: in the background, one for each set, for all pages of the server."""

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
        name: of the data set.
        file: the current file.
        done: bytes of it that have arrived.
        total: its size in bytes; None if unknown.
        files: number of files that have been started.
        problem: the reason of a failure with the way out; None if there is none.
        finished: whether the download has ended, successfully or not.
    """

    name: str
    file: str = ""
    done: int = 0
    total: int | None = None
    files: int = 0
    problem: str | None = None
    finished: bool = False

    @property
    def share(self) -> float:
        """The share of the current file that has arrived, 0 … 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def text(self) -> str:
        """The progress in words."""
        if not self.file:
            return "Connecting to a mirror, or waiting for another process that fetches the same files"
        size = f" of {self.total / 1e6:.1f}" if self.total else ""
        return f"{self.file}: {self.done / 1e6:.1f}{size} MB"

    def _progress(self, file: str, done: int, total: int | None) -> None:
        if file != self.file:
            self.files += 1
        self.file, self.done, self.total = file, done, total

    def _run(self) -> None:
        try:
            fetch(self.name, self._progress)
        except FieldError as error:
            self.problem = error.problem
        except Exception as error:  # in a thread of its own: without this the page would wait for ever
            log.exception("fetching %s failed", self.name)
            self.problem = f"cannot be fetched ({type(error).__name__}: {error}): try again"
        finally:
            self.finished = True


_lock = threading.Lock()
_latest: dict[str, Download] = {}


def start_download(name: str) -> Download:
    """Fetch a data set, or return its download that is in progress."""
    with _lock:
        current = _latest.get(name)
        if current is None or current.finished:
            current = _latest[name] = Download(name)
            threading.Thread(target=current._run, name=f"fetch {name}", daemon=True).start()
        return current


def latest_download(name: str) -> Download | None:
    """Return the latest download of a data set, or None if there was none."""
    return _latest.get(name)
