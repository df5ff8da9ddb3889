"""Collects what is new in a run and makes reports."""

from __future__ import annotations

import math
import time

from engine.analysis.magnitudes import magnitudes_by_series, zero_tolerance
from engine.learning.snapshot import Snapshot
from engine.learning.training import Training
from engine.runs import states
from engine.runs.history.telemetry import MINI_BATCH_ACCURACY
from engine.runs.messages import Report
from engine.runs.worker.recorder import Recorder

WATCHED_INTERVAL = 1 / 12  # seconds between two reports while there is a viewer
UNWATCHED_INTERVAL = 0.5  # seconds between two reports without a viewer
RATE_INTERVAL = 0.5  # minimum seconds for the mean of the updates per second


class Reporter:
    """What is new in a run since its last report.

    Args:
        training: the training of the run. recorder: makes the extracts and keyframes.

    Attributes:
        refusal_reason: why the newest change was refused, or None.
    """

    def __init__(self, training: Training, recorder: Recorder) -> None:
        self.refusal_reason: str | None = None
        self._training, self._recorder = training, recorder
        self._snapshots: list[Snapshot] = []
        self._other_measurements: list[tuple[float, dict[str, float]]] = []
        self._reported_at, self._reported_step = -1e9, -1
        self._reported_changes = len(training.changes)
        self._rate, self._rate_start = 0.0, (time.perf_counter(), 0)  # the mean, and the time and step where it starts

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Add a measurement to the next report."""
        self._snapshots.append(snapshot)

    def add_magnitudes(self) -> None:
        """Add the current weight magnitudes to the next report."""
        training = self._training
        step = zero_tolerance(training.current_config, training.learning_rate, training.data.n)
        self._other_measurements.append((float(training.epoch), magnitudes_by_series(training.parameters, step)))

    def add_mini_batch_accuracy(self) -> None:
        """Add the accuracy over the mini-batches of the epoch that has just ended, if it is known."""
        accuracy = self._training.mini_batch_accuracy
        if not math.isnan(accuracy):
            self._other_measurements.append((float(self._training.epoch), {MINI_BATCH_ACCURACY: accuracy}))

    def restart_rate(self) -> None:
        """Restart the measurement of the updates per second."""
        self._rate, self._rate_start = 0.0, (time.perf_counter(), self._training.step)

    def make_due(self) -> None:
        """Make the next report due now, for a new viewer."""
        self._reported_at = -1e9

    def is_due(self) -> bool:
        """Return whether a report is due: the interval has passed and something is new."""
        interval = UNWATCHED_INTERVAL if self._recorder.watched_extracts is None else WATCHED_INTERVAL
        if time.perf_counter() - self._reported_at < interval:
            return False
        return self._training.step != self._reported_step or self._recorder.has_due_extract()

    def make_report(self, state: str, orders_applied: int, seconds: float, reason: str | None = None) -> Report:
        """Return a report of everything new. Only watched extracts are made.

        Args:
            state: the state of the run. orders_applied: the number of orders that the worker has applied.
            seconds: see `Report`. reason: why the run ended, or None.
        """
        now, training, recorder = time.perf_counter(), self._training, self._recorder
        is_idle = state != states.RUNNING
        elapsed, steps = now - self._rate_start[0], training.step - self._rate_start[1]
        if elapsed >= RATE_INTERVAL and steps:  # at a slow pace this is the rate from one update to the next
            self._rate, self._rate_start = steps / elapsed, (now, training.step)
        if is_idle:
            recorder.add_keyframe()
        costs = training.take_costs()
        changes = tuple(training.changes[self._reported_changes :])
        report = Report(
            state=state,
            step=training.step,
            steps_per_second=0.0 if is_idle else self._rate,
            orders_applied=orders_applied,
            steps_per_epoch=training.steps_per_epoch,
            snapshots=tuple(self._snapshots),
            other_measurements=tuple(self._other_measurements),
            first_cost_step=training.step - len(costs) + 1,
            costs=costs,
            extracts=recorder.make_due_extracts(is_idle),
            keyframes=recorder.take_keyframes(),
            changes=changes,
            refusal_reason=self.refusal_reason,
            reason=reason,
            seconds=seconds,
            reported_at=time.time(),
        )
        self._snapshots, self._other_measurements, self.refusal_reason = [], [], None
        self._reported_changes += len(changes)
        self._reported_step = training.step
        return report

    def restart_interval(self) -> None:
        """Start the interval to the next report now, after the last one was written and sent."""
        self._reported_at = time.perf_counter()
