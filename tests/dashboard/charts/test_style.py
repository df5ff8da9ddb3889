"""Encoding of lines and masks: few points that include every extreme."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.style import MAX_LINE_POINTS, downsample, encode_bits, line_data
from engine.runs.history.series import Series
from tests.dashboard.watching import decoded

HEIGHTS = st.lists(st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf]), min_size=1, max_size=300)


def series_of(ys: Any) -> Series:
    series = Series()
    series.extend(np.arange(len(ys)), np.array(ys, np.float64))
    return series


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (8, 8), (7, 13), (1, 100)])
def test_a_mask_is_sent_with_one_bit_for_each_value(shape):
    mask = np.random.default_rng(3).random(shape) < 0.4
    for array in (mask, mask.astype(np.uint8), mask.T.copy().T):
        spec = encode_bits(array)
        assert spec["shape"] == f"{shape[0]}, {shape[1]}"
        assert len(spec["bdata"]) == 4 * math.ceil(math.ceil(mask.size / 8) / 3)
        assert decoded(spec).tolist() == mask.tolist()


def test_a_series_of_few_points_is_sent_exactly():
    ys = np.sin(np.arange(MAX_LINE_POINTS))
    drawn = line_data(series_of(ys), scale=100)
    assert decoded(drawn["x"]).tolist() == list(range(MAX_LINE_POINTS))
    assert decoded(drawn["y"]).tolist() == (100 * ys).astype(np.float32).tolist()


@pytest.mark.parametrize("epochs", [MAX_LINE_POINTS + 1, 799, 900, 5000])
def test_a_long_line_has_few_points_and_its_true_extremes(epochs):
    ys = np.cos(np.arange(epochs) / 9) / 4
    ys[epochs // 3], ys[epochs // 2] = 2.0, -2.0
    drawn = line_data(series_of(ys))
    x, y = decoded(drawn["x"]), decoded(drawn["y"])
    assert MAX_LINE_POINTS / 4 <= len(x) <= MAX_LINE_POINTS + 2
    assert (y.max(), y.min()) == (2.0, -2.0)
    assert (x[0], x[-1], y[-1]) == (0, epochs - 1, np.float32(ys[-1]))
    assert (np.diff(x) >= 0).all()


@given(HEIGHTS, st.integers(8, 60))
def test_downsampling_keeps_the_extremes_of_every_group_and_adds_no_point(ys, max_points):
    x, y = downsample(np.arange(len(ys)), np.array(ys), max_points)
    if len(ys) <= max_points:
        assert len(x) == len(ys)
    assert len(x) <= max_points + 2
    assert all(ys[i] == value or (math.isnan(ys[i]) and math.isnan(value)) for i, value in zip(x, y, strict=True))
    assert (np.diff(x) >= 0).all()
    assert (x[0], x[-1]) == (0, len(ys) - 1)
    size = 1 if len(ys) <= max_points else 4
    while size > 1 and 2 * math.ceil(len(ys) / size) > max_points:
        size *= 2
    kept = {int(i): float(value) for i, value in zip(x, y, strict=True)}
    for start in range(0, len(ys), size):
        group = [value for value in ys[start : start + size] if not math.isnan(value)]
        kept_group = [value for i, value in kept.items() if start <= i < start + size and not math.isnan(value)]
        if group:
            assert (min(kept_group), max(kept_group)) == (min(group), max(group))


def test_the_first_points_of_a_growing_line_do_not_change():
    ys = np.random.default_rng(5).random(800)
    before = downsample(np.arange(500), ys[:500], 200)  # groups of 8 points
    after = downsample(np.arange(790), ys[:790], 200)
    complete = 1 + 2 * (500 // 8)
    for old, new in zip(before, after, strict=True):
        assert old[:complete].tolist() == new[:complete].tolist()
