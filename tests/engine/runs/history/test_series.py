"""Truncated series: a series at an earlier x, without any later point."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.history.series import Series

NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf, -math.inf])
GAPS = st.lists(st.floats(0.01, 10), min_size=1, max_size=150)


def series_of(xs: list[float], ys: list[float], capacity: int) -> Series:
    series = Series(capacity)
    series.extend(np.array(xs, dtype=float), np.array(ys, dtype=float))
    return series


def assert_equal(one: Series, other: Series) -> None:
    for mine, others in zip(one.line(), other.line(), strict=True):
        np.testing.assert_array_equal(mine, others)
    np.testing.assert_array_equal(one.latest, other.latest)
    assert len(one) == len(other)


@given(st.lists(NUMBERS, max_size=40), st.floats(-2, 45))
def test_truncation_equals_a_series_of_the_points_up_to_x(ys, end):
    series = series_of(list(range(len(ys))), ys, capacity=20)
    earlier = [y for x, y in enumerate(ys) if x <= end]
    past = series.truncated_after(end)
    assert_equal(past, series_of(list(range(len(earlier))), earlier, capacity=20))
    for x in range(50):  # it also continues like that series, through all merges
        past.append(100 + x, -x)
    assert_equal(
        past, series_of([*range(len(earlier)), *range(100, 150)], [*earlier, *(-x for x in range(50))], capacity=20)
    )


@given(GAPS, st.integers(1, 6), st.randoms(use_true_random=False), st.data())
def test_truncation_shows_no_later_point(gaps, capacity, random, data):
    xs = np.cumsum(gaps).tolist()
    ys = [random.uniform(-1, 1) for _ in xs]
    end = data.draw(st.floats(-1, xs[-1] + 1) | st.sampled_from(xs))
    for y in range(len(xs)):
        if xs[y] > end:
            ys[y] = 1e9 + y  # must not be visible
    x, y = series_of(xs, ys, capacity).truncated_after(end).line()
    assert (x <= end).all()
    assert (np.abs(y) <= 1).all()
    assert (np.diff(x) >= 0).all()


@given(st.integers(1, 300), st.integers(1, 5), st.randoms(use_true_random=False))
def test_truncation_at_the_end_of_a_bucket_keeps_its_extremes(count, capacity, random):
    ys = [random.uniform(-1, 1) for _ in range(count)]
    series = series_of(list(range(count)), ys, capacity)
    size = 1
    while math.ceil(count / size) > 2 * capacity:
        size *= 2
    for end in [*range(size - 1, count, size), count - 1]:
        past = series.truncated_after(end)
        x, y = past.line()
        assert (y.min(), y.max()) == (min(ys[: end + 1]), max(ys[: end + 1]))
        assert (x[-1], y[-1], past.latest) == (end, ys[end], ys[end])
        between = series.truncated_after(end + 0.5)
        assert_equal(past, between)


def test_a_merged_series_is_empty_before_its_first_full_bucket():
    series = series_of(list(range(100)), list(range(100)), capacity=4)
    past = series.truncated_after(3)
    x, y = past.line()
    assert len(past) == len(x) == len(y) == 0
    assert math.isnan(past.latest)


def test_truncation_at_the_end_equals_the_series_and_continues_like_it():
    for count in range(1, 120):
        series = series_of(list(range(count)), [math.sin(7 * k) for k in range(count)], capacity=3)
        past = series.truncated_after(math.inf)
        assert_equal(past, series)
        for more in range(10):
            for each in (past, series):
                each.append(count + more, math.cos(more))
            assert_equal(past, series)


@pytest.mark.parametrize("count", [5, 50])
def test_truncation_is_a_copy(count):
    series = series_of(list(range(count)), list(range(count)), capacity=4)
    past = series.truncated_after(count)
    x, y = past.line()
    series.extend(np.arange(count, count + 30), np.full(30, -9.0))
    for mine, before in zip(past.line(), (x, y), strict=True):
        np.testing.assert_array_equal(mine, before)
