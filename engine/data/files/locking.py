"""One process at a time: a lock on a folder, which the system takes back from a process that dies."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

OLD = 3600.0  # seconds: without the lock, a younger partial file may still be growing


@contextmanager
def locked(folder: Path, seconds: float) -> Iterator[bool]:
    """Hold the folder's lock, waiting up to `seconds` for it.

    Gives False where it cannot be had: somebody keeps it, or the file system knows no locks. What
    is done then must be safe without: partial files have names of their own, the last rename wins.
    """
    try:
        file = (folder / ".lock").open("ab")
    except OSError:
        yield False
        return
    with file:
        held = _wait(file, seconds)
        try:
            yield held
        finally:
            if held:
                _release(file)


def partial_path(path: Path) -> Path:
    """A name in the same folder for what is to become `path`, and nobody else's."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")


def clean(folder: Path, alone: bool) -> None:
    """Remove the partial files that interrupted processes left behind.

    Args:
        folder: where they lie. alone: whether its lock is held, so that none of them is growing.
    """
    for path in folder.glob(".*.part"):
        with suppress(OSError):
            if alone or time.time() - path.stat().st_mtime > OLD:
                path.unlink()


def _wait(file: BinaryIO, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while (held := _try(file)) is False and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(held)


def _try(file: BinaryIO) -> bool | None:
    """Whether the lock was free and is ours now; None where there are no locks."""
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return None
    return True


def _release(file: BinaryIO) -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_UN)
