"""A lock for each run that is being trained.

The operating system releases the locks of a process that ends.

A process id in the store would not be reliable: the system reuses ids, and a paused worker writes nothing for
hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.data.files.locking import folder_lock

LOCK_WAIT = 1.0  # seconds that a worker waits for its lock, because `is_being_trained` may hold it briefly


def _folder(store: Path, run_id: str) -> Path:
    return store.with_name(store.name + "-alive") / run_id


@contextmanager
def hold_lock(store: Path, run_id: str) -> Iterator[bool]:
    """Hold the lock of a run while this process trains it.

    Yields False if another process holds the lock.

    Raises:
        OSError: if the folder of the lock cannot be created.
    """
    folder = _folder(store, run_id)
    folder.mkdir(parents=True, exist_ok=True)
    with folder_lock(folder, LOCK_WAIT) as is_held:
        yield is_held


def remove_lock(store: Path, run_id: str) -> None:
    """Remove the lock file of a run that has ended; call it while the lock is held."""
    folder = _folder(store, run_id)
    with suppress(OSError):
        (folder / ".lock").unlink()
        folder.rmdir()


def is_being_trained(store: Path, run_id: str, wait: float = 0.0) -> bool:
    """Return True if any process is training the run, also after `wait` seconds."""
    folder = _folder(store, run_id)
    if not (folder / ".lock").exists():
        return False
    with folder_lock(folder, wait) as is_held:
        return not is_held


def is_any_being_trained(store: Path) -> bool:
    """Return True if any process is training a run of this store."""
    folders = store.with_name(store.name + "-alive")
    return any(is_being_trained(store, folder.name) for folder in folders.glob("*"))
