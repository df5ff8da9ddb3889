"""The states of a run, and which of them are the end."""

from __future__ import annotations

QUEUED = "queued"  # waits until a running run makes room
RUNNING = "running"
PAUSED = "paused"
FINISHED = "finished"  # all its epochs are done
STOPPED = "stopped"  # somebody ended it before
DIVERGED = "diverged"  # its cost was not finite; the last good weights are kept
FAILED = "failed"  # its worker broke; the reason is kept

FINAL = frozenset({FINISHED, STOPPED, DIVERGED, FAILED})
