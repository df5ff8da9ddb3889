"""A run whose worker or server has died: it is interrupted, and one order lets it go on."""

from __future__ import annotations

import pytest

from engine import FieldError
from engine.runs import states
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, wait_for_state, wait_for_updates
from tests.engine.runs.store.keeping import train_run
from tests.processes import wait_until


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "runs.sqlite")


def test_a_worker_that_dies_leaves_its_run_interrupted_and_it_goes_on(make_manager, store):
    manager = make_manager(store=store)
    run = manager.start(endless())
    wait_for_updates(run)
    run.process.popen.kill()
    wait_for_state(run, states.INTERRUPTED)
    assert "signal 9" in run.reason
    stood = store.load_about(run.id).step
    manager.resume(run)
    assert run.state == states.RUNNING
    assert run.reason is None
    wait_until(lambda: run.telemetry.step > stood)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)


def test_without_a_store_it_has_failed(make_manager):
    manager = make_manager()
    run = manager.start(endless())
    wait_for_updates(run)
    run.process.popen.kill()
    wait_for_state(run, states.FAILED)


@pytest.mark.slow
def test_another_server_finds_the_runs_of_one_that_has_ended(make_manager, store):
    first = make_manager(store=store)
    run, done = first.start(endless(), pace=100.0), first.start(small(l2=0.0))
    wait_for_updates(run)
    wait_for_state(done, states.FINISHED)
    first.close()
    wait_until(lambda: store.load_about(run.id).state == states.INTERRUPTED)
    second = make_manager(store=store)
    again, ended = second.get(run.id), second.get(done.id)
    assert (again.state, again.pace, again.initial_config) == (states.INTERRUPTED, 100.0, run.initial_config)
    assert again.telemetry.step == store.load_about(run.id).step
    assert (ended.state, ended.current_config) == (states.FINISHED, done.current_config)
    assert ended.telemetry.snapshots == done.telemetry.snapshots
    second.resume(again)
    wait_for_updates(again)
    assert second.get(run.id) is again


def test_a_run_that_was_stopped_goes_on_from_where_it_stood(make_manager, store):
    manager = make_manager(store=store)
    run = manager.start(small(epochs=4), steps="step_epoch")
    wait_for_state(run, states.PAUSED)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    manager.resume(run)
    wait_for_state(run, states.FINISHED)
    assert [snapshot.epoch for snapshot in run.telemetry.snapshots] == [0, 1, 2, 3, 4]


def test_changes_made_before_are_in_force_when_it_goes_on(make_manager, store):
    manager = make_manager(store=store)
    run = manager.start(small(epochs=4), steps="step_epoch")
    wait_for_state(run, states.PAUSED)
    manager.change(run, l2=0.0)
    wait_until(lambda: run.telemetry.changes)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    manager.resume(run)
    wait_for_state(run, states.FINISHED)
    assert run.current_config.l2 == 0.0
    assert [change.step for change in run.telemetry.changes] == [10]


def test_what_is_finished_does_not_go_on(make_manager, store):
    manager = make_manager(store=store)
    run = manager.start(small())
    wait_for_state(run, states.FINISHED)
    manager.resume(run)
    assert run.state == states.FINISHED


def test_a_run_that_another_server_trains_is_not_trained_twice(make_manager, store):
    first, second = make_manager(store=store), make_manager(store=store)
    run = first.start(endless(), pace=100.0)
    wait_for_updates(run)
    wait_until(lambda: store.load_about(run.id) is not None)
    here = second.get(run.id)
    assert (here.state, here.reason) == (states.ELSEWHERE, None)
    with pytest.raises(FieldError, match="trained by another Regscope on this machine: open it there"):
        second.resume(here)
    wait_for_updates(run)


def test_a_run_that_waits_for_its_turn_is_kept_and_begins_when_it_goes_on(make_manager, store):
    first = make_manager(cap=1, store=store)
    first.start(endless())
    waiting = first.start(small(seed=2))
    assert waiting.state == states.QUEUED
    first.close()
    second = make_manager(store=store)
    run = second.get(waiting.id)
    assert run.state == states.INTERRUPTED
    second.resume(run)
    wait_for_state(run, states.FINISHED)
    assert run.telemetry.step == 40


def test_a_deleted_run_is_not_found(make_manager, store):
    first = make_manager(store=store)
    run = first.start(small())
    wait_for_state(run, states.FINISHED)
    store.delete([run.id])
    assert make_manager(store=store).get(run.id) is None


def test_what_a_terminal_has_trained_on_meanwhile_is_seen(make_manager, store):
    run_id = train_run(store, small(), until=12)
    manager = make_manager(store=store)
    assert manager.get(run_id).telemetry.step == 12
    assert manager.get(run_id) is manager.get(run_id)
    train_run(store, record=store.load(run_id))
    assert (manager.get(run_id).state, manager.get(run_id).telemetry.step) == (states.FINISHED, 40)
