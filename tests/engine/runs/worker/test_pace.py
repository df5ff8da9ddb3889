"""The pace of a run, with a clock that is set by hand."""

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


def test_at_full_speed_the_due_updates_fill_a_slice(clock):
    full_speed = Pace(None)
    full_speed.record_slice(50, 50 * SLICE / 20)
    assert full_speed.due_updates(7) == (20, 0.0)
    full_speed.record_slice(1, 3 * SLICE)
    assert full_speed.due_updates(7) == (1, 0.0), "at least one update is due"


def test_due_updates_end_at_the_target_step(clock):
    slow = Pace(0.001)
    assert slow.due_updates(7, target_step=9) == (2, 0.0)


def test_updates_at_a_pace_have_equal_intervals(clock):
    paced = Pace(4.0)
    paced.restart(10)
    times = []
    step = 10
    for _ in range(1_000):
        clock.now += 0.001
        updates, wait = paced.due_updates(step)
        assert wait <= MAX_WAIT
        if updates:
            times.append(round(clock.now - 100.0, 3))
            step += updates
    assert times == pytest.approx([0.25, 0.5, 0.75, 1.0], abs=0.002)


def test_a_run_that_is_too_slow_for_its_pace_does_not_catch_up(clock):
    paced = Pace(100.0)
    paced.record_slice(1, SLICE)  # one update fits into a slice
    paced.restart(0)
    clock.now += 10
    assert paced.due_updates(0) == (1, 0.0)
    updates, wait = paced.due_updates(1)
    assert updates == 0, "the missed updates are not caught up"
    assert wait > 0
