"""The figures and the goals of many viewers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benchmarks.viewers import Figures, Received, figures, medians, missed_goals

GOOD = Figures(frames_per_second=11.0, share=1.0, latency_50=0.03, latency_95=0.1, updates_per_second=4_000.0)


def frame(step: int, reported: float) -> str:
    return json.dumps({"run": "x", "status": {"last": step, "measured_at": reported}}, separators=(",", ":"))


def received(count: int, late: float) -> Received:
    one = Received()
    for i in range(count):
        one.add(frame(100 * i, i / 10), i / 10 + late)
    return one


def test_the_figures_are_those_of_the_viewer_with_the_fewest_frames():
    found = figures([received(100, 0.02), received(80, 0.02), received(100, 0.2)], 10.0)
    assert found.frames_per_second == 8.0
    assert found.share == 0.8
    assert found.latency_50 == pytest.approx(0.02)
    assert found.latency_95 == pytest.approx(0.2)
    assert found.updates_per_second == pytest.approx(1_000)


def test_a_frame_without_a_status_has_no_age():
    one = Received()
    one.add('{"run":"x","status":null,"panels":{}}', 1.0)
    assert one.times == []


def test_the_median_is_taken_of_each_figure():
    assert medians([GOOD, replace(GOOD, latency_95=9.0), GOOD]) == GOOD


@pytest.mark.parametrize(
    ("many", "with_slow", "missed"),
    [
        ({}, {}, []),
        ({"frames_per_second": 9.4}, {"frames_per_second": 9.6}, ["all viewers: 9.4 frames"]),
        ({"latency_95": 0.26}, {"latency_95": 0.24}, ["all viewers: 95 % of the frames within 260 ms"]),
        ({"updates_per_second": 3_100.0}, {}, ["all viewers: the run has 0.78 of its speed"]),
        ({}, {"frames_per_second": 9.6}, ["the slow viewer costs the others 13% of their frames"]),
        ({}, {"latency_95": 0.15}, ["the slow viewer makes the frames of the others 50% older"]),
    ],
)
def test_a_missed_goal_is_named(many, with_slow, missed):
    found = missed_goals(GOOD, replace(GOOD, **many), replace(GOOD, **with_slow))
    assert len(found) == len(missed)
    assert all(text.startswith(start) for text, start in zip(found, missed, strict=True))
