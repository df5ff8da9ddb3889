from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Histogram, Snapshot
from engine.analysis.boundary import Extent
from engine.learning.metrics import Measurement
from engine.runs.extracts.plane import Plane
from engine.runs.extracts.recent_masks import RecentMasks
from engine.runs.history.series import Series
from engine.runs.history.telemetry import EPOCH_SERIES, Telemetry
from engine.runs.messages import Report

NUMBERS = st.floats(-1e6, 1e6)


def series_of(ys: list[float], capacity: int) -> Series:
    series = Series(capacity)
    for x, y in enumerate(ys):
        series.append(x, y)
    return series


def merged_line(ys: list[float], capacity: int) -> tuple[list[float], list[float]]:
    """x and y of the line, computed from a plain list: buckets of 2^k points with the smallest k that fits."""
    size = 1
    while math.ceil(len(ys) / size) > 2 * capacity:
        size *= 2
    buckets = [(at, ys[at : at + size]) for at in range(0, len(ys), size)]
    if size == 1:
        return [x for x, _ in buckets], list(ys)
    xs: list[float] = []
    merged_ys: list[float] = []
    end = min(buckets[0][1])  # the last y of the previous bucket; the first bucket starts at its lowest
    for at, bucket in buckets:
        low, high = min(bucket), max(bucket)
        next_x = min(at + size, len(ys) - 1)
        xs += [at, (at + next_x) / 2]
        merged_ys += [high, low] if abs(high - end) < abs(low - end) else [low, high]
        end = bucket[-1]
    return [*xs, len(ys) - 1], [*merged_ys, ys[-1]]


def test_a_falling_curve_is_drawn_falling_to_its_end():
    x, y = series_of([100.0 - k for k in range(100)], capacity=4).line()
    assert (np.diff(x) >= 0).all()
    assert (np.diff(y[2:]) <= 0).all(), "falling after the first bucket"
    assert (x[-1], y[-1]) == (99, 1)


def test_a_series_is_exact_until_it_is_full():
    ys = [math.sin(k) for k in range(16)]
    series = series_of(ys, capacity=8)
    assert series.is_exact
    x, y = series.line()
    assert x.tolist() == list(range(16))
    assert y.tolist() == ys
    series.append(16, 0.5)
    assert not series.is_exact


@given(st.lists(NUMBERS, max_size=150), st.integers(1, 8))
def test_a_series_equals_a_plain_list_of_buckets(ys, capacity):
    series = series_of(ys, capacity)
    x, y = series.line()
    expected_x, expected_y = merged_line(ys, capacity)
    assert x.tolist() == expected_x
    assert y.tolist() == expected_y


@given(st.lists(NUMBERS, min_size=1, max_size=400), st.integers(1, 8))
def test_extremes_are_kept_and_the_size_is_bounded(ys, capacity):
    series = series_of(ys, capacity)
    x, y = series.line()
    assert (min(y), max(y)) == (min(ys), max(ys))
    assert len(series) <= 2 * capacity
    assert x.shape == y.shape
    assert len(x) <= 4 * capacity + 1
    assert (np.diff(x) >= 0).all()
    assert series.latest == ys[-1]


class PlainSeries:
    """The same series, point by point with Python floats and lists."""

    def __init__(self, capacity: int) -> None:
        self.max_buckets = 2 * capacity
        self.stride = 1
        self.buckets: list[list[float]] = []  # x, low, high, last, the number of points
        self.latest = self.latest_x = math.nan

    def add(self, x: float, y: float) -> None:
        self.latest, self.latest_x = y, x
        if self.buckets and self.buckets[-1][4] < self.stride:
            bucket = self.buckets[-1]
            if not math.isnan(y):
                bucket[1] = y if math.isnan(bucket[1]) else min(y, bucket[1])
                bucket[2] = y if math.isnan(bucket[2]) else max(y, bucket[2])
            bucket[3] = y
            bucket[4] += 1
            return
        if len(self.buckets) == self.max_buckets:
            self.merge()
        self.buckets.append([x, y, y, y, 1])

    def merge(self) -> None:
        pairs = zip(self.buckets[::2], self.buckets[1::2], strict=True)
        self.buckets = [[a[0], lowest([a[1], b[1]]), -lowest([-a[2], -b[2]]), b[3], a[4] + b[4]] for a, b in pairs]
        self.stride *= 2

    def line(self) -> tuple[list[float], list[float]]:
        if self.stride == 1:
            return [bucket[0] for bucket in self.buckets], [bucket[1] for bucket in self.buckets]
        xs: list[float] = []
        ys: list[float] = []
        end = self.buckets[0][1]
        for bucket, after in pairwise([*self.buckets, [self.latest_x]]):
            x, low, high, last, _ = bucket
            xs += [x, (x + after[0]) / 2]
            ys += [high, low] if abs(high - end) < abs(low - end) else [low, high]
            end = last
        return [*xs, self.latest_x], [*ys, self.latest]


def lowest(ys: list[float]) -> float:
    """The minimum without NaN; NaN if there is no other value."""
    return min((y for y in ys if not math.isnan(y)), default=math.nan)


@given(
    st.lists(st.lists(NUMBERS | st.sampled_from([math.nan, math.inf, -math.inf]), max_size=40), max_size=12),
    st.integers(1, 5),
)
def test_extending_by_batches_equals_adding_point_by_point(batches, capacity):
    series, plain = Series(capacity), PlainSeries(capacity)
    at = 0
    for batch in batches:
        steps = np.arange(at, at + len(batch))
        series.extend(steps, np.array(batch))
        for x, y in zip(steps.tolist(), batch, strict=True):
            plain.add(x, y)
        at += len(batch)
        for found, expected in zip(series.line(), plain.line(), strict=True):
            np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(series.latest, plain.latest)
        assert len(series) == len(plain.buckets)


def test_a_batch_can_be_much_longer_than_the_capacity():
    ys = np.sin(np.arange(100_001) / 7)
    series = Series(10)
    series.extend(np.arange(1, 100_002), ys)
    assert len(series) <= 20
    _, y = series.line()
    assert (y.min(), y.max()) == (ys.min(), ys.max())
    assert series.latest == ys[-1]


def test_later_points_do_not_change_a_line():
    series = series_of([1.0, 2.0], capacity=1)
    x, y = series.line()
    for k in range(10):
        series.append(2 + k, -5.0)
    assert x.tolist() == [0, 1]
    assert y.tolist() == [1.0, 2.0]


def test_nan_does_not_hide_other_values():
    nan = math.nan
    for ys in ([nan, 3.0, 1.0, nan, nan, 7.0], [3.0, nan, nan, 1.0, 7.0, nan], [1.0, 3.0, nan, nan, nan, 7.0]):
        _, y = series_of(ys, capacity=1).line()
        assert np.nanmin(y) == 1.0
        assert np.nanmax(y) == 7.0


def test_an_empty_series_has_an_empty_line():
    x, y = Series().line()
    assert len(x) == len(y) == 0
    assert math.isnan(Series().latest)


# Telemetry


def snapshot(epoch: int, cost: float = 0.5, corrupted: Measurement | None = None) -> Snapshot:
    clean = Measurement(cost / 2, 40, 50) if corrupted else None
    return Snapshot(
        10 * epoch, epoch, Measurement(cost, 60, 100), clean, corrupted, Measurement(cost + 1, 30, 60), 0.25
    )


MASKS = RecentMasks(1, np.full((2, 1), 100, np.uint8), (2,))
PLANE = Plane(1, Extent(-1, 1, -1, 1), np.zeros((2, 2), np.uint8))
HISTOGRAM = Histogram(np.ones(1), np.full((1, 61), 1 / 61, np.float32), np.ones(1))


@pytest.mark.parametrize(
    ("new", "parts"),
    [
        ({}, set()),
        ({"snapshots": (snapshot(0),)}, {"status", "epochs"}),
        ({"extracts": {"weights": HISTOGRAM}}, {"weights"}),
        ({"extracts": {"recent_masks": MASKS}}, {"recent_masks"}),
        ({"extracts": {"plane": PLANE}}, {"plane"}),
        (
            {"extracts": {"weights": HISTOGRAM, "recent_masks": MASKS, "plane": PLANE}},
            {"weights", "recent_masks", "plane"},
        ),
    ],
)
def test_a_report_raises_the_sequence_numbers_of_its_parts_only(new, parts):
    telemetry = Telemetry()
    telemetry.add_report(Report("running", 1, 0.0))
    for _ in range(2):  # the second report has nothing new
        before = dict(telemetry.sequence_numbers)
        telemetry.add_report(Report("running", 1, 0.0, **new))
        assert {part for part, number in telemetry.sequence_numbers.items() if number > before.get(part, 0)} == parts
    for report in (Report("running", 2, 0.0), Report("running", 2, 7.0)):
        before = dict(telemetry.sequence_numbers)
        telemetry.add_report(report)
        assert {part for part, number in telemetry.sequence_numbers.items() if number > before.get(part, 0)} == {
            "status"
        }
    assert telemetry.extracts == new.get("extracts", {})


def test_a_snapshot_becomes_a_point_in_each_series_over_the_epochs():
    telemetry = Telemetry()
    telemetry.add_report(Report("running", 0, 0.0, snapshots=(snapshot(0, 2.0, Measurement(3.0, 5, 50)),)))
    telemetry.add_report(Report("running", 20, 0.0, snapshots=(snapshot(1, 1.0), snapshot(2, 0.5))))
    lines = {name: series.line() for name, series in telemetry.epochs.items()}
    assert set(lines) == set(EPOCH_SERIES)
    for x, _ in lines.values():
        assert x.tolist() == [0, 1, 2]
    assert lines["training_cost"][1].tolist() == [2.0, 1.0, 0.5]
    assert lines["judge_cost"][1].tolist() == [3.0, 2.0, 1.5]
    assert lines["penalty"][1].tolist() == [0.25, 0.25, 0.25]
    assert lines["training_accuracy"][1].tolist() == [0.6, 0.6, 0.6]
    assert lines["judge_accuracy"][1].tolist() == [0.5, 0.5, 0.5]
    np.testing.assert_array_equal(lines["clean_accuracy"][1], [0.8, np.nan, np.nan])
    np.testing.assert_array_equal(lines["corrupted_accuracy"][1], [0.1, np.nan, np.nan])
    assert telemetry.snapshot is not None
    assert telemetry.snapshot.epoch == 2
    assert telemetry.step == 20


def test_the_line_of_costs_is_redrawn_although_the_clock_is_set_back():
    """The line is redrawn four times a second, by a clock that nobody can set."""
    seconds, costs = [100.0], np.ones(3)
    telemetry = Telemetry(clock=lambda: seconds[0])
    redrawn = []
    for i, passed in enumerate((0.0, 0.2, 0.1, 0.25, 0.1)):
        seconds[0] += passed
        reported_at = 1e9 - 3600.0 * i
        telemetry.add_report(Report("running", 3 * i, 0.0, first_cost_step=3 * i, costs=costs, reported_at=reported_at))
        redrawn.append(telemetry.sequence_numbers["costs"])
    assert redrawn == [1, 1, 2, 3, 3]


def test_mini_batch_costs_are_stored_at_their_steps():
    telemetry = Telemetry()
    telemetry.add_report(Report("running", 3, 0.0, first_cost_step=1, costs=np.array([0.9, 0.8, 0.7])))
    telemetry.add_report(Report("running", 3, 0.0))
    telemetry.add_report(Report("running", 5, 0.0, first_cost_step=4, costs=np.array([0.6, 0.5])))
    x, y = telemetry.mini_batch_cost.line()
    assert x.tolist() == [1, 2, 3, 4, 5]
    assert y.tolist() == [0.9, 0.8, 0.7, 0.6, 0.5]
