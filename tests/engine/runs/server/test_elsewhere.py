"""Runs that another process trains: their state, and the progress that the other process saves."""

from __future__ import annotations

import pytest

from engine import FieldError
from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, wait_for_state, wait_for_updates
from tests.engine.runs.store.keeping import train_run
from tests.processes import wait_until


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "runs.sqlite")


@pytest.fixture
def pair(make_manager, store) -> tuple[Manager, Run, Manager, Run]:
    """A manager that trains a run, and a second manager that has loaded this run."""
    first, second = make_manager(store=store), make_manager(store=store)
    run = first.start(endless(), pace=200.0)
    wait_until(lambda: store.load_about(run.id) is not None)
    observed = second.get(run.id)
    assert observed is not None
    return first, run, second, observed


def test_a_run_of_another_process_has_its_own_state_and_ignores_orders(pair):
    _, run, second, observed = pair
    assert (run.state, observed.state, observed.reason) == (states.RUNNING, "trained by another Regscope", None)
    for order in (second.pause, second.stop, second.step, second.step_epoch):
        order(observed)
    with pytest.raises(FieldError, match="trained by another Regscope on this machine: open it there"):
        second.resume(observed)
    assert observed.state == states.ELSEWHERE
    wait_for_updates(run)


def test_a_watched_run_of_another_process_is_updated_until_its_end(pair):
    first, run, second, observed = pair
    notified_steps = []
    observed.add_listener(lambda: notified_steps.append(observed.telemetry.step))
    second.watch(observed, 1)
    before = observed.telemetry.step
    wait_until(lambda: observed.telemetry.step > before)
    before = observed.telemetry.step
    wait_until(lambda: observed.telemetry.step > before)
    assert sorted(notified_steps) == notified_steps
    assert observed.telemetry.keyframes.latest_at_or_before(observed.telemetry.step).step == observed.telemetry.step, (
        "the newest weights are loaded as well"
    )
    first.stop(run)
    wait_for_state(observed, states.STOPPED)
    assert observed.telemetry.step == run.telemetry.step
    second.resume(observed)
    wait_for_state(observed, states.RUNNING)


def test_a_run_without_viewers_is_updated_when_it_is_requested(pair):
    _, run, second, observed = pair
    before = observed.telemetry.step
    wait_until(lambda: second.get(run.id).telemetry.step > before)
    assert second.get(run.id) is observed


def test_an_interrupted_run_resumed_by_another_process_is_updated(make_manager, store):
    run_id = train_run(store, endless(), until=12)
    first, second = make_manager(store=store), make_manager(store=store)
    observed = second.get(run_id)
    assert observed.state == states.INTERRUPTED
    second.watch(observed, 1)
    first.resume(first.get(run_id))
    wait_for_state(observed, states.ELSEWHERE)
    wait_until(lambda: observed.telemetry.step > 12)


def test_a_stopped_run_resumed_by_another_process_is_updated(make_manager, store):
    first, second = make_manager(store=store), make_manager(store=store)
    run = first.start(endless(), pace=200.0)
    wait_for_updates(run)
    first.stop(run)
    wait_for_state(run, states.STOPPED)
    wait_until(lambda: run.process.popen.poll() is not None)
    first.watch(run, 1)
    second.resume(second.get(run.id))
    wait_for_state(run, states.ELSEWHERE)


def test_a_run_whose_worker_was_killed_keeps_its_reason(make_manager, store):
    manager = make_manager(store=store)
    run = manager.start(endless())
    wait_for_updates(run)
    run.process.popen.kill()
    wait_for_state(run, states.INTERRUPTED)
    wait_until(lambda: run.process.popen.poll() is not None)
    assert manager.get(run.id) is run
    assert "signal 9" in run.reason


def test_the_state_elsewhere_is_never_stored(store):
    run_id = train_run(store, small(), until=3)
    assert states.ELSEWHERE not in {about.state for about in store.list()}
    assert store.load_about(run_id).observed_state == states.INTERRUPTED


def test_a_run_stays_resumable_if_no_process_can_be_created(make_manager, store, monkeypatch, tmp_path):
    """In earlier versions the run had failed and could not be resumed."""
    run_id = train_run(store, endless(), until=12)
    manager = make_manager(store=store)
    with monkeypatch.context() as patch:
        patch.setattr("sys.executable", str(tmp_path / "no-such-python"))
        manager.resume(manager.get(run_id))
    run = manager.get(run_id)
    assert run.state == states.INTERRUPTED
    assert "no worker process could be created" in run.reason
    manager.resume(run)
    wait_for_state(run, states.RUNNING)
