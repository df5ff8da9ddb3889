from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Histogram, Snapshot
from engine.metrics import Measurement
from engine.runs.telemetry import EPOCH_SERIES, Report, Ribbon, Series, Telemetry

NUMBERS = st.floats(-1e6, 1e6)


def filled(ys: list[float], capacity: int) -> Series:
    series = Series(capacity)
    for x, y in enumerate(ys):
        series.append(x, y)
    return series


def merged(ys: list[float], capacity: int) -> tuple[list[float], list[float]]:
    """x and y of the line by a plain list: buckets of 2^k points, k the smallest with which they fit."""
    size = 1
    while math.ceil(len(ys) / size) > 2 * capacity:
        size *= 2
    buckets = [(at, ys[at : at + size]) for at in range(0, len(ys), size)]
    if size == 1:
        return [x for x, _ in buckets], list(ys)
    return (
        [x for x, _ in buckets for _ in range(2)],
        [extreme for _, bucket in buckets for extreme in (min(bucket), max(bucket))],
    )


def test_a_series_is_exact_until_it_is_full():
    ys = [math.sin(k) for k in range(16)]
    series = filled(ys, capacity=8)
    assert series.exact
    x, y = series.line()
    assert x.tolist() == list(range(16))
    assert y.tolist() == ys
    series.append(16, 0.5)
    assert not series.exact


@given(st.lists(NUMBERS, max_size=150), st.integers(1, 8))
def test_a_series_is_what_a_plain_list_of_buckets_would_be(ys, capacity):
    series = filled(ys, capacity)
    x, y = series.line()
    expected_x, expected_y = merged(ys, capacity)
    assert x.tolist() == expected_x
    assert y.tolist() == expected_y


@given(st.lists(NUMBERS, min_size=1, max_size=400), st.integers(1, 8))
def test_no_extreme_is_ever_lost_and_the_room_is_bounded(ys, capacity):
    series = filled(ys, capacity)
    x, y = series.line()
    assert (min(y), max(y)) == (min(ys), max(ys))
    assert len(series) <= 2 * capacity
    assert x.shape == y.shape
    assert len(x) <= 4 * capacity
    assert (np.diff(x) >= 0).all()
    assert series.latest == ys[-1]


@given(st.lists(st.lists(NUMBERS, max_size=30), max_size=10))
def test_to_extend_is_to_append_one_by_one(parts):
    by_part, ys = Series(4), [y for part in parts for y in part]
    at = 0
    for part in parts:
        by_part.extend(np.arange(at, at + len(part)), np.array(part))
        at += len(part)
    one_by_one = filled(ys, capacity=4)
    for found, expected in zip(by_part.line(), one_by_one.line(), strict=True):
        assert found.tolist() == expected.tolist()


def test_a_line_is_a_copy_that_later_points_leave_alone():
    series = filled([1.0, 2.0], capacity=1)
    x, y = series.line()
    for k in range(10):
        series.append(2 + k, -5.0)
    assert x.tolist() == [0, 1]
    assert y.tolist() == [1.0, 2.0]


def test_a_measurement_that_could_not_be_made_hides_no_other():
    nan = math.nan
    for ys in ([nan, 3.0, 1.0, nan, nan, 7.0], [3.0, nan, nan, 1.0, 7.0, nan], [1.0, 3.0, nan, nan, nan, 7.0]):
        _, y = filled(ys, capacity=1).line()
        assert np.nanmin(y) == 1.0
        assert np.nanmax(y) == 7.0


def test_an_empty_series_is_an_empty_line():
    x, y = Series().line()
    assert len(x) == len(y) == 0
    assert math.isnan(Series().latest)


# what is known of a run


def snapshot(epoch: int, cost: float = 0.5, corrupted: Measurement | None = None) -> Snapshot:
    clean = Measurement(cost / 2, 40, 50) if corrupted else None
    return Snapshot(
        10 * epoch, epoch, Measurement(cost, 60, 100), clean, corrupted, Measurement(cost + 1, 30, 60), 0.25
    )


RIBBON = Ribbon(1, np.full((2, 1), 100, np.uint8), (2,))
HISTOGRAM = Histogram(1.0, np.full((1, 61), 1 / 61, np.float32))


@pytest.mark.parametrize(
    ("new", "parts"),
    [
        ({}, {"status"}),
        ({"snapshots": (snapshot(0),)}, {"status", "epochs"}),
        ({"weights": HISTOGRAM}, {"status", "weights"}),
        ({"ribbon": RIBBON}, {"status", "ribbon"}),
        ({"costs": np.array([0.5]), "first_cost": 1}, {"status"}),
    ],
)
def test_a_report_raises_the_sequence_numbers_of_the_parts_it_brings_and_no_others(new, parts):
    telemetry = Telemetry()
    for _ in range(2):  # also when nothing is new any more, and the old is kept
        before = dict(telemetry.sequence)
        telemetry.take(Report("running", 1, 0.0, **new))
        assert {part for part, number in telemetry.sequence.items() if number > before[part]} == parts
    telemetry.take(Report("running", 2, 0.0))
    assert telemetry.weights is new.get("weights")
    assert telemetry.ribbon is new.get("ribbon")


def test_a_snapshot_becomes_a_point_in_each_series_over_the_epochs():
    telemetry = Telemetry()
    telemetry.take(Report("running", 0, 0.0, snapshots=(snapshot(0, 2.0, Measurement(3.0, 5, 50)),)))
    telemetry.take(Report("running", 20, 0.0, snapshots=(snapshot(1, 1.0), snapshot(2, 0.5))))
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


def test_mini_batch_costs_stand_at_their_steps():
    telemetry = Telemetry()
    telemetry.take(Report("running", 3, 0.0, first_cost=1, costs=np.array([0.9, 0.8, 0.7])))
    telemetry.take(Report("running", 3, 0.0))
    telemetry.take(Report("running", 5, 0.0, first_cost=4, costs=np.array([0.6, 0.5])))
    x, y = telemetry.mini_batch_cost.line()
    assert x.tolist() == [1, 2, 3, 4, 5]
    assert y.tolist() == [0.9, 0.8, 0.7, 0.6, 0.5]
