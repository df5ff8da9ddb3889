"""The pace of a run, on a clock that is set by hand."""

from __future__ import annotations

import pytest

from engine.runs.worker import pace
from engine.runs.worker.pace import MAX_WAIT, SLICE, Pace


class Clock:
    now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    return clock


def test_at_full_speed_as_many_updates_are_due_as_fit_into_a_slice(clock):
    full = Pace(None)
    full.record_slice(50, 50 * SLICE / 20)
    assert full.due_updates(7) == (20, 0.0)
    full.record_slice(1, 3 * SLICE)
    assert full.due_updates(7) == (1, 0.0), "one that takes longer is done all the same"


def test_no_more_updates_are_due_than_reach_the_step_to_pause_at(clock):
    slow = Pace(0.001)
    assert slow.due_updates(7, target_step=9) == (2, 0.0)


def test_a_held_run_does_its_updates_one_interval_after_another(clock):
    held = Pace(4.0)
    held.restart(10)
    times = []
    step = 10
    for _ in range(1_000):
        clock.now += 0.001
        updates, wait = held.due_updates(step)
        assert wait <= MAX_WAIT
        if updates:
            times.append(round(clock.now - 100.0, 3))
            step += updates
    assert times == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=0.002)


def test_a_run_that_is_too_slow_for_its_pace_does_not_catch_up(clock):
    held = Pace(100.0)
    held.record_slice(1, SLICE)  # one update fits into a slice
    held.restart(0)
    clock.now += 10
    assert held.due_updates(0) == (1, 0.0)
    updates, wait = held.due_updates(1)
    assert updates == 0, "the thousand updates it is behind are forgotten"
    assert wait > 0
