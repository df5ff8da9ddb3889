"""Which runs are stopped, replaced or removed when too many are open."""

from __future__ import annotations

import pytest

from engine import FieldError
from engine.runs import states
from engine.runs.server import manager as manager_module
from engine.runs.server import memory_budget
from engine.runs.server.eviction import ABANDONED_AFTER
from engine.runs.server.run import Run
from tests.engine.runs.driving import (
    Clock,
    endless,
    small,
    start_watched,
    stopped_workers,
    wait_for_state,
    wait_for_updates,
)
from tests.processes import wait_until


def test_the_longest_paused_run_without_viewers_is_stopped_first(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 3)
    manager = make_manager()
    watched, old, young = (manager.start(endless(), steps="step") for _ in range(3))
    for run in (watched, old, young):
        wait_until(lambda run=run: run.state == states.PAUSED and run.telemetry.step == 1)
    manager.watch(watched, 1)
    manager.step(young)
    manager.step(watched)
    wait_until(lambda: young.telemetry.step == 2)
    one_more = manager.start(small())
    wait_for_state(old, states.STOPPED)
    assert "stopped to start another run: it was paused" in old.reason
    wait_for_state(one_more, states.FINISHED)
    assert {watched.state, young.state} == {states.PAUSED}


def test_an_abandoned_run_at_a_slow_pace_is_stopped(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 4)
    clock = Clock()
    manager = make_manager(cap=1, clock=clock)
    slow, watched, left = (manager.start(endless(), pace=1) for _ in range(3))
    full_speed = manager.start(endless())
    manager.watch(watched, 1)
    manager.watch(left, 1)
    clock.now += ABANDONED_AFTER - 1
    manager.watch(left, 0)
    with pytest.raises(FieldError, match="4 runs are open"):
        manager.start(small(), pace=1)  # its viewer may return
    clock.now += 61
    first = manager.start(small(), pace=1_000)
    wait_for_state(slow, states.STOPPED)
    assert "it was stopped to start another run" in slow.reason
    assert "had a pace of 1/s and had no viewer for 11 min" in slow.reason
    wait_for_state(first, states.FINISHED)
    manager.start(small(epochs=1_000_000), pace=1)
    with pytest.raises(FieldError, match="4 runs are open"):
        manager.start(small(), pace=1)
    clock.now += ABANDONED_AFTER - 60
    manager.start(small(), pace=1)
    wait_for_state(left, states.STOPPED)
    assert [run.state for run in (watched, full_speed)] == [states.RUNNING] * 2


def test_a_paused_run_is_stopped_before_an_abandoned_queued_one(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 3)
    clock = Clock()
    manager = make_manager(cap=1, clock=clock)
    running, queued = manager.start(endless()), manager.start(endless())
    clock.now += 2 * ABANDONED_AFTER
    paused = manager.start(endless(), steps="step")
    wait_for_state(paused, states.PAUSED)
    manager.start(endless(), pace=1)
    wait_for_state(paused, states.STOPPED)
    assert queued.state == states.QUEUED
    manager.start(endless(), pace=1)
    assert queued.state == states.STOPPED
    assert "was queued and had no viewer for 20 min" in queued.reason
    assert running.state == states.RUNNING


def test_a_run_with_a_new_viewer_is_not_abandoned(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 1)
    clock = Clock()
    manager = make_manager(clock=clock)
    run = manager.start(endless(), pace=1)
    clock.now += 2 * ABANDONED_AFTER
    manager.watch(run, 1)
    manager.watch(run, 2)
    manager.watch(run, 1)
    with pytest.raises(FieldError, match="1 runs are open"):
        manager.start(small())
    manager.watch(run, 0)
    with pytest.raises(FieldError, match="1 runs are open"):
        manager.start(small())
    assert run.state == states.RUNNING


def test_a_run_being_stopped_is_not_counted_and_ignores_orders(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 2)
    manager = make_manager(cap=2)
    runs = [manager.start(endless()) for _ in range(2)]
    with stopped_workers(*runs):  # so that no run ends before the orders
        for run in runs:
            manager.stop(run)
            manager.resume(run)
            manager.step(run)
        others = [manager.start(endless()) for _ in range(2)]
        assert [run.state for run in others] == [states.RUNNING] * 2
    for run in runs:
        wait_for_state(run, states.STOPPED)


def test_a_run_that_replaces_another_is_never_refused_and_stops_it(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 2)
    manager = make_manager()
    before, other = (start_watched(manager, endless(), pace=1) for _ in range(2))
    with pytest.raises(FieldError, match="2 runs are open"):
        manager.start(endless())
    after = manager.start(endless(), pace=1, replaces=before)
    assert after.state == states.RUNNING
    wait_for_state(before, states.STOPPED)
    assert before.reason is None
    assert other.state == states.RUNNING
    again = manager.start(endless(), pace=1, replaces=after)
    wait_for_state(manager.start(small(epochs=1), replaces=again), states.FINISHED)
    wait_for_state(
        manager.start(small(epochs=1), replaces=before), states.FINISHED
    )  # an ended run is not stopped again


def test_a_refused_replacement_does_not_stop_the_run(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 1)
    manager = make_manager()
    before = start_watched(manager, endless(), pace=1)
    manager._runs["another"] = other = Run(endless(), None)
    manager.watch(other, 1)
    with pytest.raises(FieldError, match="1 runs are open"):
        manager.start(endless(), replaces=before)
    assert before.state == states.RUNNING
    wait_for_updates(before)
    del manager._runs["another"]


def test_a_run_over_the_limit_is_refused_with_advice(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 2)
    manager = make_manager()
    runs = [manager.start(endless(), pace=1) for _ in range(2)]
    with pytest.raises(FieldError, match=r"2 runs are open.*reset or stop one"):
        manager.start(small())
    assert manager.runs() == runs
    manager.stop(runs[0])
    wait_for_state(runs[0], states.STOPPED)
    wait_for_state(manager.start(small()), states.FINISHED)


def test_the_oldest_ended_runs_are_removed_from_memory(make_manager, monkeypatch):
    monkeypatch.setattr(memory_budget, "MAX_ENDED_RUNS", 1)
    manager = make_manager()
    runs = []
    for _ in range(3):
        runs.append(manager.start(small(epochs=1)))
        wait_for_state(runs[-1], states.FINISHED)
    runs.append(manager.start(small(epochs=1)))
    assert manager.runs() == runs[-2:]
