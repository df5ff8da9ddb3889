"""What is known of a run: bounded series with their true extremes, and the newest of everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.activations import Array
from engine.boundary import Extent
from engine.metrics import Histogram
from engine.snapshot import Snapshot

CAPACITY = 200  # buckets; twice as many fit before any merge, so the book's 400 epochs stay exact
RIBBON_STEPS = 100  # mini-batches in the ribbon
SHADES = 20  # steps of a region's shading; 12 classes of them fit a byte
RIBBON_NEURONS = 200  # neurons in the ribbon: more rows would be thinner than a pixel


class Series:
    """One quantity over time in bounded room: when full, neighbours merge and keep their extremes.

    Until then every point is exact. Afterwards a bucket holds the first x, the lowest, the highest
    and the last y of the points that went into it, so that no spike is ever averaged away.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._room = np.empty((4, 2 * capacity), dtype=np.float64)  # x, low, high, last
        self._size = 0
        self._stride = 1  # points in a full bucket
        self._open = 0  # points that the last bucket still takes
        self.latest = self._latest_x = float("nan")

    def __len__(self) -> int:
        return self._size

    @property
    def exact(self) -> bool:
        """True while every point appended is still there as it was."""
        return self._stride == 1

    def append(self, x: float, y: float) -> None:
        self.extend(np.array([x], dtype=np.float64), np.array([y], dtype=np.float64))

    def extend(self, x: Array, y: Array) -> None:
        """Append points in the order of rising x; both (k,). The same as point by point, without a loop over them."""
        done = 0
        while done < len(y):  # once or twice, and once more for every merge
            put = self._top_up if self._open else self._add_buckets
            done += put(x[done:], y[done:])
            self.latest, self._latest_x = float(y[done - 1]), float(x[done - 1])

    def _top_up(self, x: Array, y: Array) -> int:
        """Put points into the last bucket as long as it takes any; returns how many."""
        y = y[: self._open]
        column = self._room[:, self._size - 1]
        # fmin, fmax: NaN, where nothing could be measured, hides no extreme
        column[1:] = np.fmin(column[1], np.fmin.reduce(y)), np.fmax(column[2], np.fmax.reduce(y)), y[-1]
        self._open -= len(y)
        return len(y)

    def _add_buckets(self, x: Array, y: Array) -> int:
        """Put points into new buckets as long as there is room for any; returns how many."""
        if self._size == self._room.shape[1]:
            self._merge()
        y = y[: self._stride * (self._room.shape[1] - self._size)]
        starts = np.arange(0, len(y), self._stride)
        columns = self._room[:, self._size : self._size + len(starts)]
        columns[0] = x[starts]
        columns[1] = np.fmin.reduceat(y, starts)
        columns[2] = np.fmax.reduceat(y, starts)
        columns[3] = y[np.minimum(starts + self._stride, len(y)) - 1]
        self._size += len(starts)
        self._open = -len(y) % self._stride
        return len(y)

    def _merge(self) -> None:
        x, low, high, last = self._room
        half = self._size // 2
        x[:half] = x[0 : 2 * half : 2]
        low[:half] = np.fmin(low[0 : 2 * half : 2], low[1 : 2 * half : 2])
        high[:half] = np.fmax(high[0 : 2 * half : 2], high[1 : 2 * half : 2])
        last[:half] = last[1 : 2 * half : 2]
        self._size = half
        self._stride *= 2

    def line(self) -> tuple[Array, Array]:
        """x and y of a line that touches every extreme and ends at the latest point: each (k,).

        Each bucket gives two points, at its beginning and its middle, first the extreme that is
        nearer to where the bucket before it ended: a falling curve is then drawn falling. k is at
        most four times the capacity, and one.
        """
        x, low, high, last = self._room[:, : self._size]
        if self.exact:
            return x.copy(), low.copy()
        ends = np.append(x[1:], self._latest_x)
        before = np.concatenate([low[:1], last[:-1]])
        with np.errstate(invalid="ignore"):  # ∞ − ∞, of a run that diverged
            falls = np.abs(high - before) < np.abs(low - before)
        first, second = np.where(falls, high, low), np.where(falls, low, high)
        along, y = np.stack([x, (x + ends) / 2], axis=1), np.stack([first, second], axis=1)
        return np.append(along, self._latest_x), np.append(y, self.latest)


@dataclass(frozen=True)
class Ribbon:
    """Which hidden neurons trained on each of the newest mini-batches.

    Attributes:
        first: the step of the first column.
        kept: uint8 (neurons, steps): 100 kept, 0 dropped; with one mask per example, the percentage
            of the mini-batch's examples that the neuron trained on.
        layers: how many of the rows belong to each hidden layer, the first layer's rows first.
        every: one row is drawn of so many neurons, where a network has more than fit.
    """

    first: int
    kept: Array
    layers: tuple[int, ...]
    every: int = 1


@dataclass(frozen=True)
class Plane:
    """What a network of two inputs answers, all over the plane.

    Attributes:
        step: the update it was taken after.
        extent: the rectangle; the first and last rows and columns lie on its edges.
        regions: uint8 (rows, columns), the lowest row first: class · SHADES + how sure it is, from 0
            (no class stands out) to SHADES − 1.
    """

    step: int
    extent: Extent
    regions: Array


def regions_of(shares: Array) -> Array:
    """The `regions` of a `Plane`, from each class's share (rows, columns, classes)."""
    classes = shares.shape[-1]
    winner = shares.argmax(axis=-1)
    surplus = (shares.max(axis=-1) - 1 / classes) / (1 - 1 / classes)
    return (winner * SHADES + np.clip(np.floor(surplus * SHADES), 0, SHADES - 1)).astype(np.uint8)


@dataclass(frozen=True)
class Report:
    """What a worker says of its run, between two mini-batches: copies, and only what is new.

    Attributes:
        state: a state of a run, as `engine.runs.states` has them.
        steps_per_second: of the recent past; 0 when it does not run.
        snapshots: measurements since the last report.
        first_cost, costs: the mini-batch costs since the last report; `costs[0]` is step first_cost's.
        weights, ribbon, plane: the newest, or None when not due.
        reason: why it diverged or failed, in words, else None.
        heard: the number of the last order it has obeyed.
    """

    state: str
    step: int
    steps_per_second: float
    heard: int = 0
    snapshots: tuple[Snapshot, ...] = ()
    first_cost: int = 0
    costs: Array = field(default_factory=lambda: np.empty(0))
    weights: Histogram | None = None
    ribbon: Ribbon | None = None
    plane: Plane | None = None
    reason: str | None = None


# The quantities of a snapshot that are kept as series over the epochs.
EPOCH_SERIES = (
    "training_cost",
    "judge_cost",
    "penalty",
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
        "judge_cost": snapshot.judge.cost,
        "penalty": snapshot.penalty,
        "training_accuracy": snapshot.training.accuracy,
        "clean_accuracy": snapshot.clean.accuracy if snapshot.clean else nan,
        "corrupted_accuracy": snapshot.corrupted.accuracy if snapshot.corrupted else nan,
        "judge_accuracy": snapshot.judge.accuracy,
    }


class Telemetry:
    """Everything known of one run, in bounded room, with a sequence number for each part.

    Attributes:
        epochs: a `Series` over the epochs for each name of `EPOCH_SERIES`.
        mini_batch_cost: the cost of every mini-batch, "with dropout", over the steps.
        snapshot, weights, ribbon, plane: the newest.
        sequence: for each part ("epochs", "weights", "ribbon", "plane", "status"), a number that grows
            whenever the part changes.
    """

    def __init__(self) -> None:
        self.epochs: Mapping[str, Series] = {name: Series() for name in EPOCH_SERIES}
        self.mini_batch_cost = Series()
        self.snapshot: Snapshot | None = None
        self.weights: Histogram | None = None
        self.ribbon: Ribbon | None = None
        self.plane: Plane | None = None
        self.step = 0
        self.steps_per_second = 0.0
        self.sequence = {"epochs": 0, "weights": 0, "ribbon": 0, "plane": 0, "status": 0}

    def take(self, report: Report) -> None:
        """Add what a report brings."""
        if report.snapshots:
            epochs = np.array([snapshot.epoch for snapshot in report.snapshots])
            values = [epoch_values(snapshot) for snapshot in report.snapshots]
            for name, series in self.epochs.items():
                series.extend(epochs, np.array([each[name] for each in values]))
            self.snapshot = report.snapshots[-1]
        if len(report.costs):
            steps = np.arange(report.first_cost, report.first_cost + len(report.costs))
            self.mini_batch_cost.extend(steps, report.costs)
        moved = (report.step, report.steps_per_second) != (self.step, self.steps_per_second)
        self.step, self.steps_per_second = report.step, report.steps_per_second
        for part, new in (
            ("epochs", bool(report.snapshots)),
            ("weights", report.weights is not None),
            ("ribbon", report.ribbon is not None),
            ("plane", report.plane is not None),
            ("status", moved or bool(report.snapshots)),  # the state is the run's, which says itself when it changes
        ):
            self.sequence[part] += new
        self.weights = report.weights or self.weights
        self.ribbon = report.ribbon or self.ribbon
        self.plane = report.plane or self.plane
