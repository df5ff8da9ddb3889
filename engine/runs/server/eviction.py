"""Which runs give way where too many are open."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import FieldError
from engine.runs import states
from engine.runs.server.run import Run

ABANDONED = 600.0  # seconds without a viewer: a tab that is loaded again or a lost network is back before


def give_way(alive: Sequence[Run], many: int, now: float) -> list[tuple[Run, str]]:
    """The longest paused of the unwatched, then those abandoned first; each with what it then says of its end.

    Abandoned is what is queued or held to a pace and has had no viewer for `ABANDONED` seconds: in slow
    motion it trains for somebody to look at. A run at full speed is being trained to its end.

    Args:
        alive: the open runs. many: how many of them must go; none below 1.
        now: seconds, by the clock of `Run.unwatched_since`.

    Raises:
        FieldError: when so many are being watched or trained to their end that not enough can go.
    """
    if many < 1:
        return []
    left = [(run.unwatched_since, run) for run in alive if run.unwatched_since is not None]
    paused = [run for _, run in left if run.state == states.PAUSED]
    abandoned = [
        (since, run)
        for since, run in left
        if now - since >= ABANDONED and (run.state == states.QUEUED or run.pace is not None)
    ]
    gone = [
        (run, "it made room for another: it was paused and nobody watched it")
        for run in sorted(paused, key=lambda run: run.rested_at)
    ] + [(run, _abandoned(run, now - since)) for since, run in sorted(abandoned, key=lambda pair: pair[0])]
    if len(gone) < many:
        these = "one" if many == 1 else f"{many} of them"
        words = f"{len(alive)} runs are open, and this server keeps no more beside it"
        raise FieldError("run", f"cannot start: {words}; reset or stop {these}")
    return gone[:many]


def _abandoned(run: Run, seconds: float) -> str:
    did = "waited for its turn" if run.state == states.QUEUED else f"was held to a pace of {run.pace:g}/s"
    return f"it made room for another: it {did} and nobody had watched it for {seconds / 60:.0f} minutes"
