"""The states of a run, and which state may follow which.

queued       waits until another run makes room
running      is trained
paused       has a worker that waits for an order
finished     all epochs are done, or it stopped early
stopped      a person or the server ended it before
diverged     a cost or a weight was not finite; the last finite weights are kept
failed       its worker broke; the reason is kept
interrupted  its process or the whole server died; it can be resumed from what is saved
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

FINAL = frozenset({FINISHED, STOPPED, DIVERGED, FAILED, INTERRUPTED})  # the run has no worker any more
RESUMABLE = frozenset({STOPPED, INTERRUPTED})  # a checkpoint is saved, and there is more to train

# A run that is queued or running may enter its state again, with another order.
NEXT_STATES: Mapping[str, frozenset[str]] = {
    QUEUED: FINAL | {QUEUED, RUNNING, PAUSED},
    RUNNING: FINAL | {QUEUED, RUNNING, PAUSED},
    PAUSED: FINAL | {QUEUED, RUNNING},
    **dict.fromkeys(FINAL, frozenset()),
    **dict.fromkeys(RESUMABLE, frozenset({QUEUED})),  # for the start of another worker
}


class ForbiddenTransition(RuntimeError):
    """A run was to enter a state that cannot follow its present state."""


def check_transition(before: str, after: str) -> None:
    """Raise `ForbiddenTransition` unless the state `after` may follow the state `before`."""
    if after not in NEXT_STATES[before]:
        raise ForbiddenTransition(f"a run that is {before} cannot become {after}")
