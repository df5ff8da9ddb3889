"""Collects the news of a run and makes reports of it."""

from __future__ import annotations

import time

from engine.analysis.magnitudes import magnitudes_by_series, zero_tolerance
from engine.learning.snapshot import Snapshot
from engine.learning.training import Training
from engine.runs import states
from engine.runs.messages import Report
from engine.runs.worker.recorder import Recorder

WATCHED_INTERVAL = 1 / 12  # seconds between two reports while somebody watches
UNWATCHED_INTERVAL = 0.5  # and while nobody does
RATE_INTERVAL = 0.5  # seconds over which the updates per second are averaged, at least


class Reporter:
    """The news of a run since its last report.

    Args:
        training: the run. recorder: makes its extracts and keyframes.

    Attributes:
        refused: why the newest change was refused; None if none was.
    """

    def __init__(self, training: Training, recorder: Recorder) -> None:
        self.refused: str | None = None
        self._training, self._recorder = training, recorder
        self._snapshots: list[Snapshot] = []
        self._measured: list[tuple[float, dict[str, float]]] = []
        self._reported_at, self._reported_step = -1e9, -1
        self._reported_changes = len(training.changes)
        self._rate, self._rate_from = 0.0, (time.perf_counter(), 0)  # with the time and step of its average

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Add a measurement to the next report."""
        self._snapshots.append(snapshot)

    def add_magnitudes(self) -> None:
        """Add the present weight magnitudes to the next report."""
        training = self._training
        step = zero_tolerance(training.current_config, training.learning_rate, training.data.n)
        self._measured.append((float(training.epoch), magnitudes_by_series(training.parameters, step)))

    def restart_rate(self) -> None:
        """Measure the updates per second from now on."""
        self._rate, self._rate_from = 0.0, (time.perf_counter(), self._training.step)

    def make_due(self) -> None:
        """Make the next report due at once, for a new viewer."""
        self._reported_at = -1e9

    def is_due(self) -> bool:
        """Whether it is time for a report and there is news; in slow motion there often is none."""
        interval = UNWATCHED_INTERVAL if self._recorder.watched is None else WATCHED_INTERVAL
        if time.perf_counter() - self._reported_at < interval:
            return False
        return self._training.step != self._reported_step or self._recorder.extract_is_due()

    def make(self, state: str, orders_applied: int, seconds: float, reason: str | None = None) -> Report:
        """Return a report of the news. Extracts are made only while somebody watches them.

        Args:
            state: of the run. orders_applied: how many orders the worker has applied.
            seconds: see `Report`. reason: of the end of the run, if any.
        """
        now, training, recorder = time.perf_counter(), self._training, self._recorder
        resting = state != states.RUNNING
        elapsed, steps = now - self._rate_from[0], training.step - self._rate_from[1]
        if elapsed >= RATE_INTERVAL and steps:  # in slow motion this is the rate from one update to the next
            self._rate, self._rate_from = steps / elapsed, (now, training.step)
        if resting:
            recorder.keep_keyframe()
        costs = training.take_costs()
        changes = tuple(training.changes[self._reported_changes :])
        report = Report(
            state=state,
            step=training.step,
            steps_per_second=0.0 if resting else self._rate,
            orders_applied=orders_applied,
            steps_per_epoch=training.steps_per_epoch,
            snapshots=tuple(self._snapshots),
            measured=tuple(self._measured),
            first_cost=training.step - len(costs) + 1,
            costs=costs,
            extracts=recorder.extracts(resting),
            keyframes=recorder.take_keyframes(),
            changes=changes,
            refused=self.refused,
            reason=reason,
            seconds=seconds,
            taken_at=time.time(),
        )
        self._snapshots, self._measured, self.refused = [], [], None
        self._reported_changes += len(changes)
        self._reported_step = training.step
        return report

    def note_sent(self) -> None:
        """Start the interval to the next report now: writing and sending the last one may have taken long."""
        self._reported_at = time.perf_counter()
