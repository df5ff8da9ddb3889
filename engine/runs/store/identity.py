"""Notices that the file of the store was moved, deleted or replaced while a program uses it."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

Identity = tuple[int, int]


def identity_of(path: Path) -> Identity | None:
    """Return what distinguishes a file from another one at the same path; None if there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class FileWatch:
    """Compares the file of the store with the one that was there first.

    Args:
        path: of the file, which need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._first: Identity | None = None
        self._lost_at: float | None = None

    def notice(self) -> str | None:
        """Return that the file is no longer the one that was there first, and what that means; None if it is."""
        found = identity_of(self.path)
        if self._first is None:
            self._remember(found)
        if found == self._first:
            self._lost_at = None  # it was moved back
            return None
        self._lost_at = self._lost_at or time.time()
        when = time.strftime("%H:%M", time.localtime(self._lost_at))
        folder = self.path.parent
        now = (
            f"There is a new file in {folder} now, and runs are saved in it."
            if found
            else f"A new file is made in {folder} as soon as a run is saved."
        )
        return (
            f"The file of stored runs, {self.path}, was moved or deleted (noticed at {when}). The runs in it are not "
            f"listed here. {now} A run in training is saved again from its beginning. To have the other runs back, "
            "stop this server and move the file back."
        )

    def _remember(self, found: Identity | None) -> None:
        self._first = found
        if found is not None and sys.platform != "win32":
            # As long as the file is open, no other file gets its number. It is never closed: that would release the
            # locks that SQLite holds on it in this process.
            with suppress(OSError):
                os.open(self.path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
