"""The states of a run, and the allowed transitions.

queued       waits until fewer runs train
running      trains
paused       has a worker that waits for an order
finished     all epochs are done, or early stopping ended it
stopped      a person or the server ended it earlier
diverged     a cost or a weight was not finite; the last finite weights are kept
failed       its worker raised an error, which is its reason
interrupted  its process or the whole server died; it can be resumed from the store
"""

from __future__ import annotations

from collections.abc import Mapping

QUEUED = "queued"
RUNNING = "running"
PAUSED = "paused"
FINISHED = "finished"
STOPPED = "stopped"
DIVERGED = "diverged"
FAILED = "failed"
INTERRUPTED = "interrupted"

FINAL = frozenset({FINISHED, STOPPED, DIVERGED, FAILED, INTERRUPTED})  # the run has no worker
RESUMABLE = frozenset({STOPPED, INTERRUPTED})  # a checkpoint is saved, and there is more to train

# A queued or running run may enter its state again, with another order.
NEXT_STATES: Mapping[str, frozenset[str]] = {
    QUEUED: FINAL | {QUEUED, RUNNING, PAUSED},
    RUNNING: FINAL | {QUEUED, RUNNING, PAUSED},
    PAUSED: FINAL | {QUEUED, RUNNING},
    **dict.fromkeys(FINAL, frozenset()),
    **dict.fromkeys(RESUMABLE, frozenset({QUEUED})),  # it is resumed with another worker
}


class ForbiddenTransition(RuntimeError):
    """The transition of a run to a state that cannot follow its present state."""


def check_transition(before: str, after: str) -> None:
    """Raise `ForbiddenTransition` unless the state `after` may follow the state `before`."""
    if after not in NEXT_STATES[before]:
        raise ForbiddenTransition(f"a run that is {before} cannot become {after}")
