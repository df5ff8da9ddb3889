"""An error in one run is reported and does not affect other runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from engine.runs import states
from engine.runs.messages import Command, Verb
from tests.engine.runs.driving import diverging, endless, small, start_watched, wait_for_state, wait_for_updates
from tests.processes import alive, wait_until
from tests.slowing import PATIENCE


def test_a_run_with_an_infinite_cost_has_diverged(make_manager):
    manager = make_manager()
    run = manager.start(diverging())
    wait_for_state(run, states.DIVERGED)
    assert "not finite" in run.reason
    assert "smaller learning rate" in run.reason
    assert run.process.popen.wait(10 * PATIENCE) == 0
    x, costs = run.telemetry.mini_batch_cost.line()
    assert np.isfinite(costs).all()
    assert x.tolist() == list(range(1, run.telemetry.step + 1))
    assert f"update {run.telemetry.step + 1} " in run.reason
    assert run.telemetry.snapshot.step == run.telemetry.step
    wait_for_updates(start_watched(manager, endless()))


def test_a_run_that_diverges_in_a_single_step_has_diverged(make_manager):
    manager = make_manager()
    run = manager.start(diverging(), steps="step")
    for step in range(1, 10):
        wait_until(lambda step=step: run.telemetry.step == step or run.state == states.DIVERGED)
        manager.step(run)
    wait_for_state(run, states.DIVERGED)
    assert "not finite" in run.reason


def test_killing_a_worker_fails_only_its_own_run(make_manager):
    manager = make_manager()
    killed, other = (start_watched(manager, endless()) for _ in range(2))
    wait_for_updates(killed)
    wait_for_updates(other)
    os.kill(killed.process.popen.pid, signal.SIGKILL)
    wait_for_state(killed, states.FAILED)
    assert "signal 9" in killed.reason
    step = killed.telemetry.step
    assert step > 0, "the telemetry is kept"
    wait_for_updates(other)
    wait_for_updates(start_watched(manager, endless()))
    assert killed.telemetry.step == step


@pytest.mark.parametrize("state", ["paused", "queued"])
def test_killing_the_worker_of_a_paused_or_queued_run_fails_it(make_manager, state):
    manager = make_manager(cap=1)
    if state == "queued":
        wait_for_updates(start_watched(manager, endless()))
        run = manager.start(endless())
    else:
        run = manager.start(endless(), steps="step")
        wait_until(lambda: run.telemetry.step == 1)
    wait_for_state(run, state)
    os.kill(run.process.popen.pid, signal.SIGKILL)
    wait_for_state(run, states.FAILED)
    assert "signal 9" in run.reason
    manager.resume(run)
    manager.stop(run)
    assert run.state == states.FAILED


def test_a_spare_process_that_was_killed_is_not_used(make_manager):
    manager = make_manager(spare=True)
    spare = manager.spare.process
    os.kill(spare.popen.pid, signal.SIGKILL)
    wait_until(lambda: not alive(spare.popen.pid))
    wait_for_state(manager.start(small()), states.FINISHED)


def test_a_run_without_a_process_has_failed_with_advice(make_manager, monkeypatch, tmp_path, caplog):
    manager = make_manager(cap=1)
    before = start_watched(manager, endless())
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(tmp_path / "no-such-python"))
        run = manager.start(small(), replaces=before)
    assert run.state == states.FAILED
    assert "no worker process could be created" in run.reason
    assert "no-such-python" in run.reason
    assert "close other runs or programs and try again" in run.reason
    assert [record.levelname for record in caplog.records if run.id in record.getMessage()] == ["ERROR"]
    wait_for_state(before, states.STOPPED)
    for order in (manager.resume, manager.step, manager.step_epoch, manager.pause, manager.stop):
        order(run)
    manager.set_pace(run, 3)
    manager.watch(run, 1)
    assert run.state == states.FAILED
    wait_for_state(manager.start(small()), states.FINISHED)


def test_a_manager_works_without_a_spare_process(make_manager, monkeypatch, tmp_path, caplog):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(tmp_path / "no-such-python"))
        manager = make_manager(spare=True)
    assert "no spare worker could be created" in caplog.text
    wait_for_state(manager.start(small()), states.FINISHED)


def test_an_error_in_a_worker_is_logged_once_with_run_and_traceback(make_manager, monkeypatch, caplog):
    manager = make_manager()
    run = manager.start(endless(), steps="step")
    wait_for_state(run, states.PAUSED)
    run.process.send(Command(Verb.THREADS, "many", run.orders_sent))
    wait_for_state(run, states.FAILED)
    wait_until(lambda: run.process.popen.stdout.closed)
    (record,) = (record for record in caplog.records if record.name.startswith("engine.runs"))
    assert record.levelname == "ERROR"
    assert f"run {run.id} failed: TypeError" in record.getMessage()
    assert "Traceback" in record.getMessage()
    assert "blas_threads" in record.getMessage(), "the traceback comes from the worker"


def test_runs_that_end_normally_are_not_logged(make_manager, caplog):
    manager = make_manager()
    finished, stopped, diverged = manager.start(small()), manager.start(endless()), manager.start(diverging())
    manager.stop(stopped)
    wait_for_state(finished, states.FINISHED)
    wait_for_state(stopped, states.STOPPED)
    wait_for_state(diverged, states.DIVERGED)
    for run in (finished, stopped, diverged):
        wait_until(lambda run=run: run.process.popen.stdout.closed)
    assert caplog.records == []


def test_a_run_without_its_data_fails_with_advice(make_manager, monkeypatch, tmp_path):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    manager = make_manager()
    run = manager.start(small(dataset="mnist"))
    wait_for_state(run, states.FAILED)
    assert "set REGSCOPE_DATA" in run.reason
    assert str(tmp_path) in run.reason
    assert run.telemetry.snapshot is None
    assert run.process.popen.wait(10 * PATIENCE) == 0
    wait_for_state(manager.start(small()), states.FINISHED)


def test_a_config_that_does_not_fit_the_data_fails_with_its_field(make_manager):
    run = make_manager().start(small(mini_batch_size=101))
    wait_for_state(run, states.FAILED)
    assert "mini_batch_size must be at most the number of training examples, 100" in run.reason


SERVER = """
import sys, time
from engine import RunConfig
from engine.runs.server.manager import Manager

manager = Manager(cap=2)
run = manager.start(RunConfig(epochs=1_000_000, train_size=100))
paused = manager.start(RunConfig(epochs=1_000_000), steps="step")
while not (run.telemetry.step and paused.telemetry.step and manager.spare.process):
    time.sleep(0.01)
print(run.process.popen.pid, paused.process.popen.pid, manager.spare.process.popen.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A process with a manager, and the ids of its workers: one trains, one is paused, one is the spare."""
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    workers: list[int] = []
    try:
        workers = [int(pid) for pid in process.stdout.readline().split()]
        assert len(workers) == 3
        yield process, workers
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        for pid in filter(alive, workers):
            os.kill(pid, signal.SIGKILL)


SLOW_SIGNALS = [
    pytest.param(signal_number, marks=pytest.mark.slow) for signal_number in (signal.SIGTERM, signal.SIGINT)
]


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, *SLOW_SIGNALS])
def test_workers_end_when_their_server_has_ended(server, signal_number):
    process, workers = server
    assert all(alive(pid) for pid in workers)
    process.send_signal(signal_number)
    process.wait(20 * PATIENCE)
    wait_until(lambda: not any(alive(pid) for pid in workers))
