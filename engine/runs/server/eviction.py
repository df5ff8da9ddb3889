"""Chooses the runs to stop if too many are open."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import FieldError, format_duration
from engine.runs import states
from engine.runs.server.run import Run

ABANDONED_AFTER = 600.0  # seconds without a viewer; a reloaded tab or a lost connection takes less time


def choose_evicted_runs(open_runs: Sequence[Run], count: int, now: float) -> list[tuple[Run, str]]:
    """Return (run to stop, reason to show) for each run that must be stopped.

    Only runs without a viewer are stopped: first the paused runs, then the abandoned runs, each in the order of
    waiting time. A run is abandoned if it is queued or has a pace, and had no viewer for `ABANDONED_AFTER` seconds.
    A run at full speed is never stopped.

    Args:
        open_runs: the runs that have not ended. count: the number of runs to stop; none if below 1.
        now: the time in seconds, by the clock of the runs.

    Raises:
        FieldError: if fewer than `count` runs can be stopped.
    """
    if count < 1:
        return []
    unwatched = [
        (run.unwatched_since, run)
        for run in open_runs
        if run.unwatched_since is not None and not run.is_ghost  # a ghost is stopped with its run
    ]
    paused = [run for _, run in unwatched if run.state == states.PAUSED]
    abandoned = [
        (since, run)
        for since, run in unwatched
        if now - since >= ABANDONED_AFTER and (run.state == states.QUEUED or run.pace is not None)
    ]
    candidates = [
        (run, "it was stopped to start another run: it was paused and had no viewer")
        for run in sorted(paused, key=lambda run: run.state_since)
    ] + [(run, _abandoned_reason(run, now - since)) for since, run in sorted(abandoned, key=lambda pair: pair[0])]
    if len(candidates) < count:
        stop_text = "one" if count == 1 else f"{count} of them"
        limit_text = f"{len(open_runs)} runs are open, and this server allows no more"
        raise FieldError("run", f"cannot start: {limit_text}; reset or stop {stop_text}")
    return candidates[:count]


def _abandoned_reason(run: Run, seconds: float) -> str:
    idle_text = "was queued" if run.state == states.QUEUED else f"had a pace of {run.pace:g}/s"
    return f"it was stopped to start another run: it {idle_text} and had no viewer for {format_duration(seconds)}"
