"""The choice of the runs to stop when too many are open."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import FieldError
from engine.runs import states
from engine.runs.server.run import Run

ABANDONED_AFTER = 600.0  # seconds without a viewer: a reloaded tab or a lost connection is back earlier


def choose_evicted_runs(open_runs: Sequence[Run], count: int, now: float) -> list[tuple[Run, str]]:
    """Return the runs to stop so that others can start, each with the reason to show.

    Only runs without a viewer are stopped: first those that are paused, the longest paused first;
    then those abandoned, the longest abandoned first. A run is abandoned if it is queued or held to
    a pace and has had no viewer for `ABANDONED_AFTER` seconds: slow motion is only useful to a viewer.
    A run at full speed is never stopped.

    Args:
        open_runs: the open runs. count: how many of them must be stopped; none if below 1.
        now: seconds, by the clock of the runs.

    Raises:
        FieldError: when fewer than `count` runs can be stopped.
    """
    if count < 1:
        return []
    unwatched = [(run.unwatched_since, run) for run in open_runs if run.unwatched_since is not None]
    paused = [run for _, run in unwatched if run.state == states.PAUSED]
    abandoned = [
        (since, run)
        for since, run in unwatched
        if now - since >= ABANDONED_AFTER and (run.state == states.QUEUED or run.pace is not None)
    ]
    candidates = [
        (run, "it made room for another: it was paused and nobody watched it")
        for run in sorted(paused, key=lambda run: run.state_since)
    ] + [(run, _abandoned_reason(run, now - since)) for since, run in sorted(abandoned, key=lambda pair: pair[0])]
    if len(candidates) < count:
        stop_text = "one" if count == 1 else f"{count} of them"
        limit_text = f"{len(open_runs)} runs are open, and this server allows no more"
        raise FieldError("run", f"cannot start: {limit_text}; reset or stop {stop_text}")
    return candidates[:count]


def _abandoned_reason(run: Run, seconds: float) -> str:
    idle_text = "waited for its turn" if run.state == states.QUEUED else f"was held to a pace of {run.pace:g}/s"
    return f"it made room for another: it {idle_text} and nobody had watched it for {seconds / 60:.0f} minutes"
