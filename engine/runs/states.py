"""The states of a run, and the allowed transitions.

queued       waits until fewer runs train
running      trains
paused       has a worker that waits for an order
finished     all epochs are done, or early stopping ended it
stopped      a person or the server ended it earlier
diverged     a cost or a weight was not finite; the last finite weights are kept
failed       its worker raised an error, which is the reason of the run
interrupted  its process or the whole server ended unexpectedly; it can be resumed from the store
trained by another Regscope
             another process of this machine trains it; here it has no worker and takes no orders. This state is
             never stored
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
ELSEWHERE = "trained by another Regscope"

ENDED = frozenset({FINISHED, STOPPED, DIVERGED, FAILED, INTERRUPTED})  # no process trains the run
FINAL = ENDED | {ELSEWHERE}  # the run has no worker of this server
RESUMABLE = frozenset({STOPPED, INTERRUPTED})  # a checkpoint is saved, and training is not complete

# Allowed next states by state. A queued or running run may enter the same state again, with another order.
NEXT_STATES: Mapping[str, frozenset[str]] = {
    QUEUED: ENDED | {QUEUED, RUNNING, PAUSED},
    RUNNING: ENDED | {QUEUED, RUNNING, PAUSED},
    PAUSED: ENDED | {QUEUED, RUNNING},
    **dict.fromkeys(ENDED, frozenset()),
    # resumed here, or by another Regscope
    STOPPED: ENDED - {STOPPED} | {QUEUED, ELSEWHERE},
    INTERRUPTED: ENDED - {INTERRUPTED} | {QUEUED, ELSEWHERE},
    ELSEWHERE: ENDED,
}


class ForbiddenTransition(RuntimeError):
    """Raised for a transition that is not in `NEXT_STATES`."""


def check_transition(current: str, following: str) -> None:
    """Raise `ForbiddenTransition` unless the state `following` may follow the state `current`."""
    if following not in NEXT_STATES[current]:
        raise ForbiddenTransition(f"a run that is {current} cannot become {following}")
