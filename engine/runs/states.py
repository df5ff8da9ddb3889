"""The states of a run, and which of them are the end."""

from __future__ import annotations

QUEUED = "queued"  # waits until a running run makes room
RUNNING = "running"
PAUSED = "paused"
FINISHED = "finished"  # all its epochs are done
STOPPED = "stopped"  # somebody ended it before
DIVERGED = "diverged"  # its cost was not finite; the last good weights are kept
FAILED = "failed"  # its worker broke; the reason is kept
INTERRUPTED = "interrupted"  # its worker or the whole server died; what is kept of it can be resumed

FINAL = frozenset({FINISHED, STOPPED, DIVERGED, FAILED, INTERRUPTED})  # it has no worker any more
RESUMABLE = frozenset({STOPPED, INTERRUPTED})  # where it stood is kept, and there is more to train
