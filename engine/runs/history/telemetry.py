"""The telemetry of a run: series of its metrics in bounded memory, and the newest extracts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.learning.checkpoint import Change
from engine.learning.snapshot import Snapshot
from engine.runs.extracts import EXTRACTS
from engine.runs.history.best_so_far import BestSoFar
from engine.runs.history.keyframes import Keyframes, densest_index
from engine.runs.history.series import Series
from engine.runs.messages import Report

COST_INTERVAL = 0.25  # seconds between two redraws of the mini-batch costs
MAX_SNAPSHOTS = 400  # measurements that are kept whole, for the state at earlier steps; more are thinned out


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
    """Return the value of a snapshot for each series; NaN where it was not measured."""
    nan = float("nan")
    return {
        "training_cost": snapshot.training.cost,
        "clean_cost": snapshot.clean.cost if snapshot.clean else nan,
        "judge_cost": snapshot.evaluation.cost,
        "penalty": snapshot.penalty,
        "training_total": snapshot.training.cost + snapshot.penalty,
        "judge_total": snapshot.evaluation.cost + snapshot.penalty,
        "judge_book": snapshot.evaluation.cost + snapshot.evaluation_penalty,
        "training_accuracy": snapshot.training.accuracy,
        "clean_accuracy": snapshot.clean.accuracy if snapshot.clean else nan,
        "corrupted_accuracy": snapshot.corrupted.accuracy if snapshot.corrupted else nan,
        "judge_accuracy": snapshot.evaluation.accuracy,
    }


class Telemetry:
    """The measurements, extracts and keyframes of one run in bounded memory, with a sequence number for each part.

    Attributes:
        epochs: a `Series` over the epochs for each name of `EPOCH_SERIES`.
        over_time: a `Series` over the epochs for every other quantity that was measured, by name.
        mini_batch_cost: the cost of every mini-batch, "with dropout", over the steps.
        most_accurate, cheapest: the `BestSoFar` by accuracy and by cost on the evaluation set.
        snapshot: the newest. extracts: the newest extracts, by name. extracted_at: the step of each.
        keyframes: the weights at earlier steps. changes: made while it trained, the first one first.
        step, steps_per_epoch, steps_per_second: as of the newest report. taken_at: when it was made.
        seconds: spent in updates and measurements. unsaved: why it cannot be saved at the moment, else None.
        refused: why the newest change was refused, else None.
        widest: the largest limit of a weight histogram so far, so that the axis never shrinks.
        sequence: for each part ("epochs", "costs", "over_time", "status" and every extract), a number that grows
            whenever the part changes.
        past: whether this is the telemetry at an earlier step.
        keyframe: the step of the weights in the extracts of an earlier step; else None.
    """

    past = False
    keyframe: int | None = None

    def __init__(self) -> None:
        self.epochs: Mapping[str, Series] = {name: Series() for name in EPOCH_SERIES}
        self.over_time: dict[str, Series] = {}
        self.mini_batch_cost = Series(100)  # a faint line: fewer points make smaller frames
        self.snapshot: Snapshot | None = None
        self.snapshots: list[Snapshot] = []
        self.most_accurate = BestSoFar(lambda snapshot: snapshot.evaluation.accuracy)
        self.cheapest = BestSoFar(lambda snapshot: -snapshot.evaluation.cost)
        self.extracts: Mapping[str, Any] = {}
        self.extracted_at: dict[str, int] = {}
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
        """Add the contents of a report."""
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
            # in slow motion every cost is drawn at once; otherwise the line is redrawn four times a second
            if len(report.costs) <= 2 or report.taken_at - self._costs_at >= COST_INTERVAL:
                self._costs_at = report.taken_at
                self.sequence["costs"] += 1
        for epoch, values in report.measured:
            self._measure(epoch, values)
        self.add_extracts(report.extracts)
        for keyframe in report.keyframes:
            self.keyframes.add(keyframe)
        self.changes = [*self.changes, *report.changes]
        self.refused = report.refused or (None if report.changes else self.refused)
        self.sequence["epochs"] += bool(report.snapshots or report.changes)
        # changes of the state are counted by `Run.enter`
        self.sequence["status"] += bool(moved or report.snapshots or report.changes or report.refused or not saved)

    def add_extracts(self, extracts: Mapping[str, Any]) -> None:
        """Add extracts of the present step."""
        for name, value in extracts.items():
            trend = EXTRACTS[name].tracked_values_of(value)
            if trend and self.steps_per_epoch:
                self._measure(self.epoch_of(self.step), trend)
            self.extracted_at[name] = self.step
        if "weights" in extracts:
            self.widest = max(self.widest, extracts["weights"].limit)
        self.extracts = {**self.extracts, **extracts}
        self.sequence.update(extracts.keys())

    def epoch_of(self, step: float) -> float:
        """Return the number of epochs, with fractions, at a step."""
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
        while len(self.snapshots) > MAX_SNAPSHOTS:
            del self.snapshots[densest_index([snapshot.step for snapshot in self.snapshots])]

    def _measure(self, epoch: float, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.over_time.setdefault(name, Series()).append(epoch, value)
        self.sequence["over_time"] += 1
