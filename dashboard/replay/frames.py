"""The frames of a replay: what the board showed at moments of a run, each as what is new since the one before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dashboard.live.parts import difference
from dashboard.live.single_run import SingleRun
from engine.runs.server.run import Run

MOST = 150  # frames: at the usual speed they play for half a minute


def steps_of(run: Run) -> list[int]:
    """The updates of which there is a frame: the first, the last, and evenly in between."""
    last, per_epoch = run.telemetry.step, max(1, run.telemetry.steps_per_epoch)
    epochs = -(-last // per_epoch)
    if epochs < MOST // 2:  # short: several frames an epoch
        frames = min(MOST, last + 1)
        return sorted({round(i * last / max(1, frames - 1)) for i in range(frames)})
    each = -(-epochs // (MOST - 1))
    return sorted({0, last, *(min(last, epoch * per_epoch) for epoch in range(0, epochs + 1, each))})


def frames_of(
    run: Run, panels: Sequence[str], told: Callable[[float], None] = lambda share: None
) -> list[dict[str, Any]]:
    """The frames: status, epoch, and each panel's body whole or as its news.

    Args:
        run: it is read under its lock, frame by frame. panels: by name.
        told: called with the share that is done.
    """
    steps = steps_of(run)
    watched = SingleRun(run)
    before: dict[str, dict[str, Any]] = {}
    found = []
    for i, step in enumerate(steps):
        status, bodies = watched.past_body(step, panels)
        parts = {name: _part(before.get(name), body) for name, body in bodies.items() if before.get(name) != body}
        found.append({"status": status, "epoch": run.telemetry.epoch_of(step), "panels": parts})
        before = bodies
        told((i + 1) / len(steps))
    return found


def _part(before: dict[str, Any] | None, body: dict[str, Any]) -> dict[str, Any]:
    """A body, and whether it continues the one before."""
    if before is None or "traces" not in body or "traces" not in before:
        return {"body": body, "continues": False}
    if len(before["traces"]) != len(body["traces"]) or any(
        old.keys() != new.keys() for old, new in zip(before["traces"], body["traces"], strict=True)
    ):
        return {"body": body, "continues": False}
    return {"body": difference(before, body), "continues": True}
