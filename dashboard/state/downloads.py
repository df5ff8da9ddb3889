"""Downloads that the page has asked for: one a data set, in the background, watched by any number of pages."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from engine import FieldError
from engine.data import fetch


@dataclass
class Fetching:
    """How far a download is.

    Attributes:
        name: the data set's.
        file: the file that comes in. done, total: its bytes; total None while unknown.
        files: how many files have begun.
        problem: why it failed, with the way out, else None.
        over: whether it has ended, well or badly.
    """

    name: str
    file: str = ""
    done: int = 0
    total: int | None = None
    files: int = 0
    problem: str | None = None
    over: bool = False

    @property
    def share(self) -> float:
        """How much of the current file is there, 0 … 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def words(self) -> str:
        """How far it is, for a person."""
        if not self.file:
            return "Asking a mirror; if another process fetches it already, waiting for that"
        of = f" of {self.total / 1e6:.1f}" if self.total else ""
        return f"{self.file}: {self.done / 1e6:.1f}{of} MB"

    def _progress(self, file: str, done: int, total: int | None) -> None:
        if file != self.file:
            self.files += 1
        self.file, self.done, self.total = file, done, total

    def _run(self) -> None:
        try:
            fetch(self.name, self._progress)
        except FieldError as error:
            self.problem = error.problem
        except Exception as error:  # the page must be able to say it, whatever it was
            self.problem = f"cannot be fetched ({type(error).__name__}: {error}): try again"
        finally:
            self.over = True


_lock = threading.Lock()
_newest: dict[str, Fetching] = {}


def begin(name: str) -> Fetching:
    """Fetch a data set, or join the download that is under way."""
    with _lock:
        current = _newest.get(name)
        if current is None or current.over:
            current = _newest[name] = Fetching(name)
            threading.Thread(target=current._run, name=f"fetch {name}", daemon=True).start()
        return current


def newest(name: str) -> Fetching | None:
    """The download of a data set that was begun last, if any was."""
    return _newest.get(name)
