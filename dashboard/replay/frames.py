"""The frames of a replay: status and panels of one run, or of several, at several steps.

Each frame contains the changes since the previous frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dashboard.live.frames.parts import difference
from dashboard.live.watched import Watched

MAX_FRAMES = 150  # half a minute at normal speed


def steps_of(watched: Watched) -> list[int]:
    """Return the steps of the frames: the first step, the last one, and evenly spaced ones between them."""
    last_step, steps_per_epoch = watched.step, max(1, watched.steps_per_epoch)
    epochs = -(-last_step // steps_per_epoch)
    if epochs < MAX_FRAMES // 2:  # a short run has several frames per epoch
        frame_count = min(MAX_FRAMES, last_step + 1)
        return sorted({round(i * last_step / max(1, frame_count - 1)) for i in range(frame_count)})
    interval = -(-epochs // (MAX_FRAMES - 1))  # in epochs
    return sorted(
        {0, last_step, *(min(last_step, epoch * steps_per_epoch) for epoch in range(0, epochs + 1, interval))}
    )


def frames_of(
    watched: Watched, panels: Sequence[str], on_progress: Callable[[float], None] = lambda share: None
) -> list[dict[str, Any]]:
    """Return the frames. Each has the status, the epoch, and the data of the panels that have changed.

    Args:
        watched: the run, with its ghost if it has one, or several runs. Locks are held for one frame at a time.
        panels: the names of the panels.
        on_progress: called after each frame with the share of finished frames, from 0 to 1.
    """
    steps, steps_per_epoch = steps_of(watched), watched.steps_per_epoch
    previous_bodies: dict[str, dict[str, Any]] = {}
    frames = []
    for i, step in enumerate(steps):
        status, bodies = watched.frame_parts_at(step, panels)
        changed_panels = {
            name: _panel_entry(previous_bodies.get(name), body)
            for name, body in bodies.items()
            if previous_bodies.get(name) != body
        }
        frames.append(
            {"status": status, "epoch": step / steps_per_epoch if steps_per_epoch else 0.0, "panels": changed_panels}
        )
        previous_bodies = bodies
        on_progress((i + 1) / len(steps))
    return frames


def _panel_entry(previous: dict[str, Any] | None, body: dict[str, Any]) -> dict[str, Any]:
    """Return a body as changes since the previous one if both have the same traces, otherwise complete.

    Returns:
        the body, and under "continues" whether it contains changes.
    """
    if previous is None or "traces" not in body or "traces" not in previous:
        return {"body": body, "continues": False}
    if len(previous["traces"]) != len(body["traces"]) or any(
        old.keys() != new.keys() for old, new in zip(previous["traces"], body["traces"], strict=True)
    ):
        return {"body": body, "continues": False}
    return {"body": difference(previous, body), "continues": True}
