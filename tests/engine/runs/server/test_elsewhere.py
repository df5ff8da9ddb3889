"""Runs that another Regscope trains: a state of their own, shown as the other one saves them."""

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
    """A server that trains a run, and another one with somebody who looks at this run."""
    first, second = make_manager(store=store), make_manager(store=store)
    run = first.start(endless(), pace=200.0)
    wait_until(lambda: store.load_about(run.id) is not None)
    seen = second.get(run.id)
    assert seen is not None
    return first, run, second, seen


def test_a_run_of_another_regscope_is_in_a_state_of_its_own(pair):
    _, run, second, seen = pair
    assert (run.state, seen.state, seen.reason) == (states.RUNNING, "trained by another Regscope", None)
    for order in (second.pause, second.stop, second.step, second.step_epoch):
        order(seen)
    with pytest.raises(FieldError, match="trained by another Regscope on this machine: open it there"):
        second.resume(seen)
    assert seen.state == states.ELSEWHERE
    wait_for_updates(run)


def test_whoever_watches_it_sees_it_train_until_its_end(pair):
    first, run, second, seen = pair
    told = []
    seen.add_listener(lambda: told.append(seen.telemetry.step))
    second.watch(seen, 1)
    before = seen.telemetry.step
    wait_until(lambda: seen.telemetry.step > before)
    before = seen.telemetry.step
    wait_until(lambda: seen.telemetry.step > before)
    assert sorted(told) == told
    assert seen.telemetry.keyframes.latest_at_or_before(seen.telemetry.step).step == seen.telemetry.step, (
        "with its newest weights"
    )
    first.stop(run)
    wait_for_state(seen, states.STOPPED)
    assert seen.telemetry.step == run.telemetry.step
    second.resume(seen)
    wait_for_state(seen, states.RUNNING)


def test_a_run_that_nobody_watches_is_renewed_when_somebody_looks(pair):
    _, run, second, seen = pair
    before = seen.telemetry.step
    wait_until(lambda: second.get(run.id).telemetry.step > before)
    assert second.get(run.id) is seen


def test_an_interrupted_run_that_another_regscope_resumes_is_seen_to_train(make_manager, store):
    run_id = train_run(store, endless(), until=12)
    first, second = make_manager(store=store), make_manager(store=store)
    seen = second.get(run_id)
    assert seen.state == states.INTERRUPTED
    second.watch(seen, 1)
    first.resume(first.get(run_id))
    wait_for_state(seen, states.ELSEWHERE)
    wait_until(lambda: seen.telemetry.step > 12)


def test_a_run_that_was_stopped_here_and_resumed_elsewhere_is_seen_to_train(make_manager, store):
    first, second = make_manager(store=store), make_manager(store=store)
    run = first.start(endless(), pace=200.0)
    wait_for_updates(run)
    first.stop(run)
    wait_for_state(run, states.STOPPED)
    wait_until(lambda: run.process.popen.poll() is not None)
    first.watch(run, 1)
    second.resume(second.get(run.id))
    wait_for_state(run, states.ELSEWHERE)


def test_a_run_that_died_here_keeps_its_reason(make_manager, store):
    manager = make_manager(store=store)
    run = manager.start(endless())
    wait_for_updates(run)
    run.process.popen.kill()
    wait_for_state(run, states.INTERRUPTED)
    wait_until(lambda: run.process.popen.poll() is not None)
    assert manager.get(run.id) is run
    assert "signal 9" in run.reason


def test_the_state_is_never_stored(store):
    run_id = train_run(store, small(), until=3)
    assert states.ELSEWHERE not in {about.state for about in store.list()}
    assert store.load_about(run_id).observed_state == states.INTERRUPTED


def test_a_resumed_run_that_gets_no_process_stays_resumable(make_manager, store, monkeypatch, tmp_path):
    """It was "failed" before, with no way on."""
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
