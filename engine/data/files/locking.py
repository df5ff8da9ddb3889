"""A lock on a folder, for one process at a time. The system releases the locks of a process that dies."""

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

STALE_AFTER = 3600.0  # seconds: a younger partial file may belong to another process that has no lock


@contextmanager
def folder_lock(folder: Path, timeout: float) -> Iterator[bool]:
    """Hold the lock of a folder within the block; wait up to `timeout` seconds for it.

    Yields False if another process holds the lock, or if the file system has no locks. The block must be safe
    without the lock, too: each process writes a partial file of its own, and the last rename wins.
    """
    try:
        file = (folder / ".lock").open("ab")
    except OSError:
        yield False
        return
    with file:
        has_lock = _acquire(file, timeout)
        try:
            yield has_lock
        finally:
            if has_lock:
                _release(file)


def partial_path(path: Path) -> Path:
    """Return a unique name in the same folder, for a file that is renamed to `path` when it is complete."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")


def remove_partial_files(folder: Path, has_lock: bool) -> None:
    """Remove the partial files that interrupted processes left behind.

    Args:
        folder: folder of the files. has_lock: True if the caller holds its lock, so that no file is being written.
    """
    for path in folder.glob(".*.part"):
        with suppress(OSError):
            if has_lock or time.time() - path.stat().st_mtime > STALE_AFTER:
                path.unlink()


def _acquire(file: BinaryIO, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while (has_lock := _try_acquire(file)) is False and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(has_lock)


def _try_acquire(file: BinaryIO) -> bool | None:
    """Take the lock; return False if another process holds it, None if the file system has no locks."""
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
