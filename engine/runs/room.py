"""Which run gives way where too many are open."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import FieldError
from engine.runs import states
from engine.runs.run import Run

ABANDONED = 600.0  # seconds without a viewer: a tab that is loaded again or a lost network is back before


def gives_way(alive: Sequence[Run], now: float) -> tuple[Run, str]:
    """The longest paused of the unwatched, else the one abandoned first; and what it then says of its end.

    Abandoned is what is queued or held to a pace and has had no viewer for `ABANDONED` seconds: in slow
    motion it trains for somebody to look at. A run at full speed is being trained to its end.

    Args:
        alive: the open runs. now: seconds, by the clock of `Run.unwatched_since`.

    Raises:
        FieldError: when all of them are being watched or trained to their end.
    """
    left = [(run.unwatched_since, run) for run in alive if run.unwatched_since is not None]
    paused = [run for _, run in left if run.state == states.PAUSED]
    abandoned = [
        (since, run)
        for since, run in left
        if now - since >= ABANDONED and (run.state == states.QUEUED or run.pace is not None)
    ]
    if paused:
        oldest = min(paused, key=lambda run: run.rested_at)
        return oldest, "it made room for another: it was paused and nobody watched it"
    if abandoned:
        since, oldest = min(abandoned, key=lambda pair: pair[0])
        did = "waited for its turn" if oldest.state == states.QUEUED else f"was held to a pace of {oldest.pace:g}/s"
        minutes = f"{(now - since) / 60:.0f} minutes"
        return oldest, f"it made room for another: it {did} and nobody had watched it for {minutes}"
    raise FieldError("run", f"cannot start: {len(alive)} runs are open, the most this server keeps; reset or stop one")
