"""The frames of a replay: the status and the panels of a run at several steps, each as changes since the one before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dashboard.live.parts import difference
from dashboard.live.single_run import SingleRun
from engine.runs.server.run import Run

MAX_FRAMES = 150  # at normal speed they play for half a minute


def steps_of(run: Run) -> list[int]:
    """Return the steps of the frames: the first step, the last one, and evenly spaced ones between them."""
    last, per_epoch = run.telemetry.step, max(1, run.telemetry.steps_per_epoch)
    epochs = -(-last // per_epoch)
    if epochs < MAX_FRAMES // 2:  # a short run has several frames per epoch
        frames = min(MAX_FRAMES, last + 1)
        return sorted({round(i * last / max(1, frames - 1)) for i in range(frames)})
    interval = -(-epochs // (MAX_FRAMES - 1))  # epochs
    return sorted({0, last, *(min(last, epoch * per_epoch) for epoch in range(0, epochs + 1, interval))})


def frames_of(
    run: Run, panels: Sequence[str], on_progress: Callable[[float], None] = lambda share: None
) -> list[dict[str, Any]]:
    """Return the frames: status, epoch, and the body of each panel, complete or as changes.

    Args:
        run: its lock is held for one frame at a time. panels: names.
        on_progress: called with the share of the frames that are done.
    """
    steps = steps_of(run)
    watched = SingleRun(run)
    before: dict[str, dict[str, Any]] = {}
    frames = []
    for i, step in enumerate(steps):
        status, bodies = watched.past_parts(step, panels)
        parts = {name: _part(before.get(name), body) for name, body in bodies.items() if before.get(name) != body}
        frames.append({"status": status, "epoch": run.telemetry.epoch_of(step), "panels": parts})
        before = bodies
        on_progress((i + 1) / len(steps))
    return frames


def _part(before: dict[str, Any] | None, body: dict[str, Any]) -> dict[str, Any]:
    """Return a body, as changes since the one before if possible, and whether it is."""
    if before is None or "traces" not in body or "traces" not in before:
        return {"body": body, "continues": False}
    if len(before["traces"]) != len(body["traces"]) or any(
        old.keys() != new.keys() for old, new in zip(before["traces"], body["traces"], strict=True)
    ):
        return {"body": body, "continues": False}
    return {"body": difference(before, body), "continues": True}
