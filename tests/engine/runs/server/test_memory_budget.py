"""Which runs are refused for lack of memory, and which ended runs keep all their keyframes in memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine import FieldError
from engine.runs import states
from engine.runs.resources import machine
from engine.runs.resources.estimate import estimate
from engine.runs.server import memory_budget
from engine.runs.server.memory_budget import drop_keyframes, held_memory, restore_keyframes
from engine.runs.server.run import Run
from engine.runs.server.seed_fan import SeedFan
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, wait_for_state, wait_for_updates
from tests.engine.runs.store.keeping import train_run
from tests.processes import wait_until


def test_the_runs_that_ended_or_were_restored_last_keep_their_keyframes(tmp_path, monkeypatch):
    monkeypatch.setattr(memory_budget, "MAX_RUNS_WITH_KEYFRAMES", 2)
    store = Store(tmp_path / "runs.sqlite")
    ids = [train_run(store, small(seed=seed)) for seed in (1, 2, 3)]
    runs = {each: Run.from_record(store.load(each), lambda now=now: now) for now, each in enumerate(ids)}
    complete = [len(run.telemetry.keyframes) for run in runs.values()]
    assert min(complete) > 1

    def kept() -> list[bool]:
        return [len(run.telemetry.keyframes) == many for run, many in zip(runs.values(), complete, strict=True)]

    drop_keyframes(runs)
    assert kept() == [False, True, True]
    assert [run.has_dropped_keyframes for run in runs.values()] == [True, False, False]
    oldest = runs[ids[0]]
    assert [keyframe.step for keyframe in oldest.telemetry.keyframes] == [oldest.telemetry.step], "the last one stays"
    restore_keyframes(oldest, store.load(ids[0]), 7.0, runs)
    assert kept() == [True, False, True]
    assert [run.has_dropped_keyframes for run in runs.values()] == [False, True, False]


@pytest.mark.parametrize("state", ["paused", "running"])
def test_a_run_that_has_not_ended_keeps_its_keyframes(tmp_path, monkeypatch, state):
    monkeypatch.setattr(memory_budget, "MAX_RUNS_WITH_KEYFRAMES", 1)
    store = Store(tmp_path / "runs.sqlite")
    runs = {each: Run.from_record(store.load(each)) for each in (train_run(store, small(seed=seed)) for seed in (1, 2))}
    first, _ = runs.values()
    first.state = state
    before = len(first.telemetry.keyframes)
    drop_keyframes(runs)
    assert (len(first.telemetry.keyframes), first.has_dropped_keyframes) == (before, False)


# new runs

LARGE = small(hidden=(600, 600), epochs=1_000_000)
NEEDED = estimate(LARGE).memory


@pytest.fixture
def free(monkeypatch) -> Callable[[float], None]:
    """Set the free memory, in multiples of what `LARGE` needs; no run holds memory yet."""
    monkeypatch.setattr(memory_budget, "held_memory", lambda run: 0)

    def set_free(multiple: float) -> None:
        monkeypatch.setattr(machine, "free_memory", lambda: round(multiple * NEEDED))

    return set_free


def test_a_run_above_half_of_the_free_memory_is_refused_and_nothing_starts(make_manager, free):
    manager = make_manager()
    free(1.9)
    with pytest.raises(FieldError, match=r"hidden must need at most half of the free memory, .* got 600, 600, which"):
        manager.start(LARGE)
    assert manager.runs() == []
    wait_for_updates(manager.start(endless()))
    free(2.1)
    wait_for_updates(manager.start(LARGE))


def test_runs_that_are_open_count_and_those_that_end_do_not(make_manager, free):
    manager = make_manager()
    free(2.1)
    first = manager.start(LARGE)
    for config in (LARGE, replace(LARGE, seed=2)):
        with pytest.raises(FieldError, match=r"beside .* for the runs that are open"):
            manager.start(config)
    second = manager.start(LARGE, replaces=first)
    wait_for_state(first, states.STOPPED)
    manager.pause(second)
    wait_for_state(second, states.PAUSED)
    with pytest.raises(FieldError, match="beside"):
        manager.start(LARGE)
    manager.start(LARGE, ending=[second])


def test_runs_of_a_group_count_together(make_manager, free):
    manager = make_manager()
    free(4.5)
    manager.memory.check_configs([LARGE, LARGE])
    with pytest.raises(FieldError, match="in 3 runs, which need about"):
        manager.memory.check_configs([LARGE] * 3)
    fan = SeedFan(manager, [LARGE], ["large"], 5)
    fan.check_memory()  # two at once
    free(3.5)
    with pytest.raises(FieldError, match="in 2 runs"):
        fan.check_memory()


def test_a_fork_and_a_resumed_run_are_refused_too(make_manager, free, tmp_path):
    manager = make_manager(store=Store(tmp_path / "runs.sqlite"))
    run = manager.start(LARGE)
    wait_for_updates(run)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    free(1)
    for start in (lambda: manager.fork(run, run.telemetry.step, [{}]), lambda: manager.resume(run)):
        with pytest.raises(FieldError, match="hidden must need at most half of the free memory"):
            start()
        assert manager.runs() == [run]
        assert run.state == states.STOPPED
    free(20)
    manager.resume(run)
    wait_for_updates(run)


def test_a_run_without_its_data_set_is_not_refused_here_but_by_its_worker(make_manager, free):
    manager = make_manager()
    free(0.1)
    run = manager.start(small(dataset="own:0123456789abcdef"))
    wait_for_state(run, states.FAILED)
    assert "is not on this machine" in run.reason


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the memory of a process from the Linux kernel")
def test_what_a_worker_has_already_is_not_counted_twice(make_manager, monkeypatch):
    """Its memory is no longer free, so only what it still needs is reserved."""
    manager = make_manager()
    run = manager.start(small(hidden=(1_500, 1_500), epochs=1_000_000))
    wait_for_updates(run)
    wait_until(lambda: held_memory(run) > 0.4 * run.needs.memory)
    assert held_memory(run) < 1.3 * run.needs.memory
    monkeypatch.setattr(machine, "free_memory", lambda: round(1.7 * run.needs.memory))
    manager.memory.check_configs([LARGE])
    process = run.process
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    wait_until(lambda: process.popen.poll() is not None)
    assert held_memory(run) == 0
