"""The end of a run whose worker raised an error: interrupted if it can continue from a checkpoint, else failed."""

from __future__ import annotations

from engine.errors import FieldError
from engine.runs import states
from engine.runs.messages import RunSetup
from engine.runs.store.store import Store
from engine.runs.worker.worker import Worker

# The machine is the cause of these, and not the run: the same update may succeed later.
PASSING = (MemoryError, OSError)


def end_of(error: Exception, setup: RunSetup, worker: Worker | None) -> tuple[str, str]:
    """Return the final state of a run and the reason, in words.

    Args:
        error: that the worker raised. setup: of the run. worker: None if it could not be made.
    """
    reason = str(error) if isinstance(error, FieldError) else f"{type(error).__name__}: {error}"
    if not isinstance(error, PASSING) or not _is_stored(setup, worker):
        return states.FAILED, reason
    if isinstance(error, MemoryError):
        reason = f"the memory was not enough ({error or 'MemoryError'}): close other runs or programs"
    return states.INTERRUPTED, f"{reason}; it continues from its last checkpoint"


def _is_stored(setup: RunSetup, worker: Worker | None) -> bool:
    """Return whether the store has a checkpoint of the run."""
    if worker is not None:
        return worker.journal is not None and worker.journal.stored
    if setup.store_path is None or setup.about_fields is None:
        return False
    try:  # the run was to be resumed; a fork is not stored before its worker is made
        return Store(setup.store_path).load_about(setup.about_fields["id"]) is not None
    except (FieldError, MemoryError):
        return False
