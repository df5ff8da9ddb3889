"""A run is interrupted if its worker or server ends, and can be resumed."""

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


def test_a_run_whose_worker_was_killed_is_interrupted_and_can_be_resumed(make_manager, store):
    manager = make_manager(store=store)
    run = manager.start(endless())
    wait_for_updates(run)
    run.process.popen.kill()
    wait_for_state(run, states.INTERRUPTED)
    assert "signal 9" in run.reason
    saved_step = store.load_about(run.id).step
    manager.resume(run)
    assert run.state == states.RUNNING
    assert run.reason is None
    wait_until(lambda: run.telemetry.step > saved_step)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)


def test_without_a_store_a_run_whose_worker_was_killed_has_failed(make_manager):
    manager = make_manager()
    run = manager.start(endless())
    wait_for_updates(run)
    run.process.popen.kill()
    wait_for_state(run, states.FAILED)


@pytest.mark.slow
def test_a_new_server_finds_the_runs_of_an_ended_server(make_manager, store):
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


def test_a_stopped_run_is_resumed_at_its_last_step(make_manager, store):
    manager = make_manager(store=store)
    run = manager.start(small(epochs=4), steps="step_epoch")
    wait_for_state(run, states.PAUSED)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    manager.resume(run)
    wait_for_state(run, states.FINISHED)
    assert [snapshot.epoch for snapshot in run.telemetry.snapshots] == [0, 1, 2, 3, 4]


def test_a_resumed_run_keeps_its_live_changes(make_manager, store):
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


def test_a_finished_run_cannot_be_resumed(make_manager, store):
    manager = make_manager(store=store)
    run = manager.start(small())
    wait_for_state(run, states.FINISHED)
    manager.resume(run)
    assert run.state == states.FINISHED


def test_a_run_that_another_server_trains_cannot_be_resumed(make_manager, store):
    first, second = make_manager(store=store), make_manager(store=store)
    run = first.start(endless(), pace=100.0)
    wait_for_updates(run)
    wait_until(lambda: store.load_about(run.id) is not None)
    observed = second.get(run.id)
    assert (observed.state, observed.reason) == (states.ELSEWHERE, None)
    with pytest.raises(FieldError, match="trained by another Regscope on this machine: open it there"):
        second.resume(observed)
    wait_for_updates(run)


def test_a_queued_run_of_an_ended_server_can_be_resumed(make_manager, store):
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


def test_progress_made_by_another_process_is_loaded(make_manager, store):
    run_id = train_run(store, small(), until=12)
    manager = make_manager(store=store)
    assert manager.get(run_id).telemetry.step == 12
    assert manager.get(run_id) is manager.get(run_id)
    train_run(store, record=store.load(run_id))
    assert (manager.get(run_id).state, manager.get(run_id).telemetry.step) == (states.FINISHED, 40)
