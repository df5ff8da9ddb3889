"""The number of updates that are due, at full speed or at a given pace."""

from __future__ import annotations

import time

SLICE = 0.01  # seconds of training between two checks for commands
MAX_WAIT = 1 / 12  # seconds; the interval of the reports while there is a viewer


class Pace:
    """The pace of one run.

    Args:
        per_second: updates per second; None for full speed.

    Attributes:
        per_second: as above; after setting it call `restart`.
    """

    def __init__(self, per_second: float | None) -> None:
        self.per_second = per_second
        self._started_at, self._first_step = time.perf_counter(), 0
        self._update_seconds = 1e-3  # per update, measured in the newest slice

    def restart(self, step: int) -> None:
        """Start to count the updates that are due. `step`: updates done."""
        self._started_at, self._first_step = time.perf_counter(), step

    def record_slice(self, updates: int, seconds: float) -> None:
        """Record the duration of the newest updates."""
        if updates:
            self._update_seconds = max(1e-6, seconds / updates)

    def due_updates(self, step: int, target_step: int | None = None) -> tuple[int, float]:
        """Return the number of updates that are due, and the seconds to wait if there are none.

        Args:
            step: updates done. target_step: a step to reach at full speed; None to keep the pace.
        """
        slice_updates = max(1, int(SLICE / self._update_seconds))  # updates in one slice
        if target_step is not None:
            return min(slice_updates, target_step - step), 0.0
        if self.per_second is None:
            return slice_updates, 0.0
        updates_ahead = step - self._first_step + 1 - (time.perf_counter() - self._started_at) * self.per_second
        if updates_ahead > 0:
            return 0, min(updates_ahead / self.per_second, MAX_WAIT)
        if -updates_ahead > slice_updates:  # updates are slower than the pace: do not try to catch up
            self.restart(step)
        return min(slice_updates, int(-updates_ahead) + 1), 0.0
