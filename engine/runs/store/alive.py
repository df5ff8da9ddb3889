"""Who trains a run at this moment: a lock on a file of its own, which the system takes back from a process that dies.

A process id written into the store would say nothing: numbers are used again, and a paused worker
writes nothing for hours. A lock cannot be left behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.data.locking import locked

LOOK = 1.0  # seconds that a worker waits for its lock: whoever only looks holds it for a moment


def _folder(store: Path, run_id: str) -> Path:
    return store.with_name(store.name + "-alive") / run_id


@contextmanager
def training(store: Path, run_id: str) -> Iterator[bool]:
    """Hold a run's lock while it is trained here; gives False where another process trains it.

    Raises:
        OSError: when the folder of the locks cannot be made.
    """
    folder = _folder(store, run_id)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, LOOK) as held:
        yield held


def forget(store: Path, run_id: str) -> None:
    """Remove the lock of a run that has ended; call it while the lock is held."""
    folder = _folder(store, run_id)
    with suppress(OSError):
        (folder / ".lock").unlink()
        folder.rmdir()


def is_trained(store: Path, run_id: str) -> bool:
    """Whether some process trains a run at this moment."""
    folder = _folder(store, run_id)
    if not (folder / ".lock").exists():
        return False
    with locked(folder, 0.0) as held:
        return not held
