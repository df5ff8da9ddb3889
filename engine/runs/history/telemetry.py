"""What is known of a run: bounded series with their true extremes, and the newest of everything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.learning.checkpoint import Change
from engine.learning.snapshot import Snapshot
from engine.runs.extracts import VIEWS
from engine.runs.history.best_so_far import Records
from engine.runs.history.keyframes import Keyframes, least_missed
from engine.runs.history.series import Series
from engine.runs.messages import Report

COSTS = 0.25  # seconds between two renewals of the mini-batches' cost
SNAPSHOTS = 400  # measurements kept whole, for those who look back; more are thinned


# The quantities of a snapshot that are kept as series over the epochs. The three ledgers of a cost: the data's
# alone; with the penalty, the same for both sets; and as the book plots it, the penalty divided by each set's size.
EPOCH_SERIES = (
    "training_cost",
    "clean_cost",
    "judge_cost",
    "penalty",
    "training_total",
    "judge_total",
    "judge_book",
    "training_accuracy",
    "clean_accuracy",
    "corrupted_accuracy",
    "judge_accuracy",
)


def epoch_values(snapshot: Snapshot) -> dict[str, float]:
    """A snapshot's part of each series; NaN where there is nothing to measure."""
    nan = float("nan")
    return {
        "training_cost": snapshot.training.cost,
        "clean_cost": snapshot.clean.cost if snapshot.clean else nan,
        "judge_cost": snapshot.judge.cost,
        "penalty": snapshot.penalty,
        "training_total": snapshot.training.cost + snapshot.penalty,
        "judge_total": snapshot.judge.cost + snapshot.penalty,
        "judge_book": snapshot.judge.cost + snapshot.judge_penalty,
        "training_accuracy": snapshot.training.accuracy,
        "clean_accuracy": snapshot.clean.accuracy if snapshot.clean else nan,
        "corrupted_accuracy": snapshot.corrupted.accuracy if snapshot.corrupted else nan,
        "judge_accuracy": snapshot.judge.accuracy,
    }


class Telemetry:
    """Everything known of one run, in bounded room, with a sequence number for each part.

    Attributes:
        epochs: a `Series` over the epochs for each name of `EPOCH_SERIES`.
        over_time: a `Series` over the epochs for every other quantity that was measured, by name.
        mini_batch_cost: the cost of every mini-batch, "with dropout", over the steps.
        most_accurate, cheapest: the `Records` by the judge's accuracy and by its cost.
        snapshot: the newest. views: the newest of each, by name. viewed_at: the step each is of.
        keyframes: to look back with. changes: made while it trained, the first one first.
        step, steps_per_epoch, steps_per_second: as the newest report has them; taken_at: when that was.
        seconds: spent on training. unsaved: why it is not kept in the store at the moment, in words, else None.
        widest: the largest limit of a weight histogram so far: an axis need never shrink.
        sequence: for each part ("epochs", "costs", "over_time", "status" and every view), a number that grows
            whenever the part changes.
        past: whether this is a run as it was, and not as it is.
        keyframe: the step whose weights the views show, where this is the past.
    """

    past = False
    keyframe: int | None = None

    def __init__(self) -> None:
        self.epochs: Mapping[str, Series] = {name: Series() for name in EPOCH_SERIES}
        self.over_time: dict[str, Series] = {}
        self.mini_batch_cost = Series(100)  # a faint line: few points are sent the sooner
        self.snapshot: Snapshot | None = None
        self.snapshots: list[Snapshot] = []
        self.most_accurate = Records(lambda snapshot: snapshot.judge.accuracy)
        self.cheapest = Records(lambda snapshot: -snapshot.judge.cost)
        self.views: Mapping[str, Any] = {}
        self.viewed_at: dict[str, int] = {}
        self.keyframes = Keyframes()
        self.changes: list[Change] = []
        self.refused: str | None = None
        self.step = 0
        self.steps_per_epoch = 0
        self.steps_per_second = 0.0
        self.taken_at = 0.0
        self.widest = 0.0
        self.seconds = 0.0
        self.unsaved: str | None = None
        self._costs_at = 0.0
        self.sequence: Counter[str] = Counter()

    def take(self, report: Report) -> None:
        """Add what a report brings."""
        moved = (report.step, report.steps_per_second) != (self.step, self.steps_per_second)
        self.step, self.steps_per_second, self.taken_at = report.step, report.steps_per_second, report.taken_at
        self.steps_per_epoch = report.steps_per_epoch or self.steps_per_epoch
        self.seconds = report.seconds
        saved, self.unsaved = self.unsaved == report.unsaved, report.unsaved
        if report.snapshots:
            self._take_snapshots(report.snapshots)
        if len(report.costs):
            steps = np.arange(report.first_cost, report.first_cost + len(report.costs))
            self.mini_batch_cost.extend(steps, report.costs)
            # in slow motion every one is seen at once; else the line is renewed as often as it can be followed
            if len(report.costs) <= 2 or report.taken_at - self._costs_at >= COSTS:
                self._costs_at = report.taken_at
                self.sequence["costs"] += 1
        for epoch, values in report.measured:
            self._measure(epoch, values)
        self.see(report.views)
        for keyframe in report.keyframes:
            self.keyframes.add(keyframe)
        self.changes = [*self.changes, *report.changes]
        self.refused = report.refused or (None if report.changes else self.refused)
        self.sequence["epochs"] += bool(report.snapshots or report.changes)
        # the state is the run's, which says itself when it changes
        self.sequence["status"] += bool(moved or report.snapshots or report.changes or report.refused or not saved)

    def see(self, views: Mapping[str, Any]) -> None:
        """Add views of the step that this is at."""
        for name, value in views.items():
            trend = VIEWS[name].trend_of(value)
            if trend and self.steps_per_epoch:
                self._measure(self.epoch_of(self.step), trend)
            self.viewed_at[name] = self.step
        if "weights" in views:
            self.widest = max(self.widest, views["weights"].limit)
        self.views = {**self.views, **views}
        self.sequence.update(views.keys())

    def epoch_of(self, step: float) -> float:
        """A step as a place on an axis of epochs."""
        return step / self.steps_per_epoch if self.steps_per_epoch else 0.0

    def _take_snapshots(self, snapshots: tuple[Snapshot, ...]) -> None:
        epochs = np.array([snapshot.epoch for snapshot in snapshots])
        values = [epoch_values(snapshot) for snapshot in snapshots]
        for name, series in self.epochs.items():
            series.extend(epochs, np.array([each[name] for each in values]))
        for snapshot in snapshots:
            self.most_accurate.take(snapshot)
            self.cheapest.take(snapshot)
        self.snapshot = snapshots[-1]
        self.snapshots = [*self.snapshots, *snapshots]
        while len(self.snapshots) > SNAPSHOTS:
            del self.snapshots[least_missed([snapshot.step for snapshot in self.snapshots])]

    def _measure(self, epoch: float, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.over_time.setdefault(name, Series()).append(epoch, value)
        self.sequence["over_time"] += 1
