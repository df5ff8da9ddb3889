"""Interleaved timings: their unit, their order, and ratios between them."""

from __future__ import annotations

import pytest

from benchmarks import measure
from benchmarks.measure import Timing, time_interleaved


class Clock:
    """A clock that advances only when a run advances it."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(measure, "time", clock)
    return clock


def test_every_run_is_timed_per_mini_batch_in_every_round(clock: Clock) -> None:
    turns: list[str] = []

    def run(name: str, seconds: float):
        def go(k: int) -> None:
            turns.append(name)
            clock.now += k * seconds

        return go

    runs = {name: run(name, seconds) for name, seconds in (("a", 10e-6), ("b", 30e-6), ("c", 1e-3))}
    timings = time_interleaved(runs, rounds=8)
    assert {name: [round(t) for t in timing.rounds] for name, timing in timings.items()} == {
        "a": [10] * 8,
        "b": [30] * 8,
        "c": [1000] * 8,
    }
    rounds = turns[6:]  # twice each to warm up and calibrate
    in_order = [tuple(rounds[i : i + 6 : 2]) for i in range(0, len(rounds), 6)]
    assert all(sorted(each) == ["a", "b", "c"] for each in in_order), "each round has every run"
    assert len(set(in_order)) > 1, "the order changes between rounds"


def test_a_turn_takes_about_as_long_for_fast_and_slow_runs(clock: Clock) -> None:
    counts: dict[str, int] = {}

    def run(name: str, seconds: float):
        def go(k: int) -> None:
            counts[name] = k
            clock.now += k * seconds

        return go

    time_interleaved({"fast": run("fast", 10e-6), "slow": run("slow", 0.05)}, rounds=1, turn_seconds=0.2)
    assert counts == {"fast": 20_000, "slow": 4}


def test_a_ratio_is_the_median_over_rounds_so_a_slow_round_does_not_change_it() -> None:
    ours, theirs = Timing([10, 100, 10]), Timing([20, 200, 20])
    assert theirs.median_ratio_to(ours) == 2
    assert Timing([1, 2, 3, 4, 5]).median == 3


def test_the_spread_is_half_the_interquartile_range_divided_by_the_median() -> None:
    assert Timing([10.0] * 9).spread == 0
    # quartiles of 1 … 9 are 2.5 and 7.5
    assert Timing([1, 2, 3, 4, 5, 6, 7, 8, 9]).spread == pytest.approx(2.5 / 5)
