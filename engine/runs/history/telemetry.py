"""The telemetry of a run: series of its metrics in bounded memory, and the newest extracts."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.learning.checkpoint import Change
from engine.learning.snapshot import Snapshot
from engine.runs.extracts import EXTRACTS
from engine.runs.history.best_so_far import BestSoFar
from engine.runs.history.chosen_weight import ChosenWeight
from engine.runs.history.keyframes import Keyframes, densest_index
from engine.runs.history.series import Series
from engine.runs.messages import Report

COST_INTERVAL = 0.25  # seconds between two redraws of the mini-batch costs
MAX_SNAPSHOTS = 400  # complete measurements, for earlier steps; the closest ones are removed if there are more


# The quantities of a snapshot that become series over the epochs. There are three kinds of cost: the data cost;
# the total with the penalty, which is the same for both sets; and the total as the book plots it, with the penalty
# divided by the size of each set.
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

# The series in `Telemetry.over_time` of `Training.mini_batch_accuracy` after each epoch. Runs that were stored by
# earlier versions do not have it.
MINI_BATCH_ACCURACY = "mini_batch_accuracy"


def epoch_values(snapshot: Snapshot) -> dict[str, float]:
    """Return the values of a snapshot by the names of `EPOCH_SERIES`; NaN if not measured."""
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


SLOW_PACE = 5.0  # mini-batches a second: more changes a second cannot be followed, and must not flash
SLOW_MOTION_PARTS = ("recent_masks", "network")  # that look different in slow motion


def is_slow(pace: float | None) -> bool:
    """Return whether each mini-batch can be followed by eye at a pace in updates per second; None is full speed."""
    return pace is not None and pace <= SLOW_PACE


class Telemetry:
    """The measurements, extracts and keyframes of one run in bounded memory.

    Args:
        clock: returns the time in seconds, from any origin; never the time of day, which may be set back.

    Attributes:
        epochs: a `Series` over the epochs for each name of `EPOCH_SERIES`.
        over_time: a `Series` over the epochs for every other measured quantity, by name.
        mini_batch_cost: the cost of every mini-batch, with dropout, over the steps.
        best_by_accuracy, best_by_cost: the `BestSoFar` by accuracy and by cost on the evaluation set.
        snapshot: the newest snapshot. snapshots: the stored snapshots, at most `MAX_SNAPSHOTS`.
        extracts: the newest extracts by name. extract_steps: the step of each extract.
        keyframes: the weights at earlier steps. changes: the changes while the run trained, in order.
        step, steps_per_epoch, steps_per_second, reported_at: from the newest report.
        seconds: total time of updates and measurements. save_error: why the run cannot be saved, else None.
        refusal_reason: why the newest change was refused, else None.
        max_histogram_limit: the largest limit of the first layer's histogram so far, so that its axis never
            shrinks.
        pace: the updates per second that the run is held to; None for full speed.
        chosen_weight: the weight that a person has chosen, for the tug of war; it is not stored. None without one.
        sequence_numbers: for each part ("epochs", "costs", "over_time", "status" and every extract), a number that
            increases when the part changes.
        keyframe_step: the step of the weights in the extracts, if this is the telemetry at an earlier step; else None.
    """

    keyframe_step: int | None = None

    def __init__(self, clock: Callable[[], float] = time.monotonic, pace: float | None = None) -> None:
        self.epochs: Mapping[str, Series] = {name: Series() for name in EPOCH_SERIES}
        self.over_time: dict[str, Series] = {}
        self.mini_batch_cost = Series(100)  # a faint line: fewer points make smaller frames
        self.snapshot: Snapshot | None = None
        self.snapshots: list[Snapshot] = []
        self.best_by_accuracy = BestSoFar(lambda snapshot: snapshot.evaluation.accuracy)
        self.best_by_cost = BestSoFar(lambda snapshot: -snapshot.evaluation.cost)
        self.extracts: Mapping[str, Any] = {}
        self.extract_steps: dict[str, int] = {}
        self.keyframes = Keyframes()
        self.changes: list[Change] = []
        self.refusal_reason: str | None = None
        self.step = 0
        self.steps_per_epoch = 0
        self.steps_per_second = 0.0
        self.reported_at = 0.0
        self.max_histogram_limit = 0.0
        self.pace = pace
        self.chosen_weight: ChosenWeight | None = None
        self.seconds = 0.0
        self.save_error: str | None = None
        self._clock, self._costs_drawn_at = clock, -math.inf
        self.sequence_numbers: Counter[str] = Counter()

    def add_report(self, report: Report) -> None:
        """Add the contents of a report."""
        has_moved = (report.step, report.steps_per_second) != (self.step, self.steps_per_second)
        self.step, self.steps_per_second, self.reported_at = report.step, report.steps_per_second, report.reported_at
        self.steps_per_epoch = report.steps_per_epoch or self.steps_per_epoch
        self.seconds = report.seconds
        save_error_unchanged, self.save_error = self.save_error == report.save_error, report.save_error
        if report.snapshots:
            self._add_snapshots(report.snapshots)
        if len(report.costs):
            steps = np.arange(report.first_cost_step, report.first_cost_step + len(report.costs))
            self.mini_batch_cost.extend(steps, report.costs)
            # at a slow pace every cost is drawn immediately; otherwise the line is redrawn four times a second
            now = self._clock()
            if len(report.costs) <= 2 or now - self._costs_drawn_at >= COST_INTERVAL:
                self._costs_drawn_at = now
                self.sequence_numbers["costs"] += 1
        for epoch, values in report.other_measurements:
            self._add_measurements(epoch, values)
        self.add_extracts(report.extracts)
        for keyframe in report.keyframes:
            self.keyframes.add(keyframe)
        self.changes = [*self.changes, *report.changes]
        self.refusal_reason = report.refusal_reason or (None if report.changes else self.refusal_reason)
        self.sequence_numbers["epochs"] += bool(report.snapshots or report.changes)
        # `Run.set_state` counts the changes of the state
        self.sequence_numbers["status"] += bool(
            has_moved or report.snapshots or report.changes or report.refusal_reason or not save_error_unchanged
        )

    def add_extracts(self, extracts: Mapping[str, Any]) -> None:
        """Add extracts of the current step."""
        for name, value in extracts.items():
            series_values = EXTRACTS[name].series_values_of(value)
            if series_values and self.steps_per_epoch:
                self._add_measurements(self.epoch_of(self.step), series_values)
            self.extract_steps[name] = self.step
        tug = extracts.get("tug")
        if self.chosen_weight is not None and tug is not None and tug.update is not None and self.steps_per_epoch:
            layer, row, column = self.chosen_weight.position
            self.chosen_weight.line.append(self.epoch_of(self.step), float(tug.update.before[layer][row, column]))
        if "weights" in extracts:
            self.max_histogram_limit = max(self.max_histogram_limit, float(extracts["weights"].limits[0]))
        self.extracts = {**self.extracts, **extracts}
        self.sequence_numbers.update(extracts.keys())

    def set_pace(self, pace: float | None) -> None:
        """Set the pace; the parts that look different in slow motion count as changed when it begins or ends."""
        if is_slow(self.pace) != is_slow(pace):
            self.sequence_numbers.update(SLOW_MOTION_PARTS)
        self.pace = pace

    def replace(self, previous: Telemetry) -> None:
        """Take the place of an earlier telemetry of the same run, which may have got further.

        The pace, the chosen weight and any further keyframes remain, and every part is sent to the viewers again.
        """
        self.pace = previous.pace
        if previous.chosen_weight is not None:
            self.chosen_weight = previous.chosen_weight.truncated_after(self.epoch_of(self.step))
        for part, number in previous.sequence_numbers.items():
            self.sequence_numbers[part] += number + 1
        keyframes = [keyframe for keyframe in previous.keyframes if keyframe.step <= self.step]
        if len(keyframes) > len(self.keyframes):  # there may be more keyframes in memory than in the store
            self.keyframes = Keyframes()
            for keyframe in keyframes:
                self.keyframes.add(keyframe)

    @property
    def is_slow(self) -> bool:
        """Whether each mini-batch can be followed by eye."""
        return is_slow(self.pace)

    def epoch_of(self, step: float) -> float:
        """Return the number of epochs, with fractions, at a step."""
        return step / self.steps_per_epoch if self.steps_per_epoch else 0.0

    def _add_snapshots(self, snapshots: tuple[Snapshot, ...]) -> None:
        epochs = np.array([snapshot.epoch for snapshot in snapshots])
        values = [epoch_values(snapshot) for snapshot in snapshots]
        for name, series in self.epochs.items():
            series.extend(epochs, np.array([each[name] for each in values]))
        for snapshot in snapshots:
            self.best_by_accuracy.add(snapshot)
            self.best_by_cost.add(snapshot)
        self.snapshot = snapshots[-1]
        self.snapshots = [*self.snapshots, *snapshots]
        while len(self.snapshots) > MAX_SNAPSHOTS:
            del self.snapshots[densest_index([snapshot.step for snapshot in self.snapshots])]

    def _add_measurements(self, epoch: float, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.over_time.setdefault(name, Series()).append(epoch, value)
        self.sequence_numbers["over_time"] += 1
