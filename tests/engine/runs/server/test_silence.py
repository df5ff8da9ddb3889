"""A worker stopped with SIGSTOP blocks nothing, the board shows it, and the run continues with a new worker."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager

import numpy as np
import pytest

from dashboard.live.run_group import RunGroup
from dashboard.live.single_run import SingleRun
from dashboard.live.watched import STATUS
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.server.processes import outbox
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, start_watched, train_headless, wait_for_state, wait_for_updates
from tests.processes import alive, wait_until

ORDERS = 3_000  # more than the 64 kB of a pipe


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "runs.sqlite")


def wait_in_silence(manager, condition) -> None:
    """Check for silence, half a second of it at each check, until the condition is true."""

    def checked() -> bool:
        manager.silence.check()
        return condition()

    wait_until(checked)


def wait_without_answer(manager, run, condition) -> None:
    """As `wait_in_silence`, for a worker that sends heartbeats and does not answer its orders."""

    def heard() -> bool:
        if run.process is not None:
            run.process.silent_checks = 0
        return condition()

    wait_in_silence(manager, heard)


def manager_and_run(make_manager, store=None):
    """Return a manager and a watched run that trains."""
    manager = make_manager(store=store)
    run = start_watched(manager, endless())
    wait_for_updates(run)
    return manager, run


@contextmanager
def stopped_worker(run):
    """Stop the worker of a run during the block; it continues afterwards, so that the manager can be closed."""
    pid = run.process.popen.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield pid
    finally:
        if alive(pid):
            os.kill(pid, signal.SIGCONT)


def run_in_thread(action) -> threading.Thread:
    """Run `action` in a thread and wait for its end."""
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    wait_until(lambda: not thread.is_alive())
    return thread


def notice_of(run) -> str:
    watched = SingleRun(run)
    with watched.lock():
        return watched.part_body(STATUS)["notice"]


def test_orders_to_a_worker_that_does_not_read_do_not_block(make_manager):
    manager = make_manager()
    run, other = (start_watched(manager, endless()) for _ in range(2))
    wait_for_updates(run)

    def send_orders() -> None:
        for number in range(ORDERS):
            manager.watch(run, 1, list(EXTRACTS)[: 1 + number % 2])
            manager.set_pace(run, 100.0 + number)
            manager.pause(run)
            manager.resume(run)

    with stopped_worker(run):
        run_in_thread(send_orders)
        wait_for_updates(other)
        run_in_thread(lambda: manager.step(other))
        wait_for_state(other, states.PAUSED)
    manager.resume(run)
    wait_for_updates(run)
    assert run.pace == 100.0 + ORDERS - 1


def test_starting_a_fork_does_not_wait_for_its_stopped_worker(make_manager):
    """A fork is sent with all keyframes of its parent, which do not fit into a pipe."""
    manager = make_manager(cap=4)
    run = start_watched(manager, endless(hidden=(300, 300)))
    wait_until(lambda: len(run.telemetry.keyframes) > 2)
    sent, take = threading.Event(), manager.spare.take

    def take_stopped():
        process = take()
        os.kill(process.popen.pid, signal.SIGSTOP)
        return process

    manager.spare.take = take_stopped

    def fork() -> None:
        forks.extend(manager.fork(run, run.telemetry.step, [{}]))
        sent.set()

    forks = []
    threading.Thread(target=fork, daemon=True).start()
    wait_until(sent.is_set)
    wait_for_updates(run)
    os.kill(forks[0].process.popen.pid, signal.SIGCONT)
    wait_for_updates(forks[0])


def test_the_notice_about_a_paused_silent_worker_names_the_way_out(make_manager):
    manager = make_manager()
    run = manager.start(small(), steps="step")
    wait_until(lambda: run.state == states.PAUSED and run.telemetry.step == 1)
    with stopped_worker(run):
        wait_in_silence(manager, lambda: "No report for 5 s" in notice_of(run))
        assert "reset it and resume it" in notice_of(run)


def test_the_board_shows_a_silent_worker_until_its_next_report(make_manager):
    manager = make_manager()
    run, other = (start_watched(manager, endless(seed=seed)) for seed in (1, 2))
    wait_for_updates(run)
    notified = threading.Event()
    with stopped_worker(run):
        run.add_listener(notified.set)
        wait_in_silence(manager, lambda: "No report for 5 s" in notice_of(run))
        assert "continues in another process" in notice_of(run)
        wait_until(notified.is_set)
        group = RunGroup([other, run])
        with group.lock():
            assert group.part_body(STATUS)["notice"] == f"{group.names[1]}: {notice_of_unlocked(run)}"
        assert notice_of(other) == ""
        assert run.state == states.RUNNING
    wait_until(lambda: notice_of(run) == "")
    wait_for_updates(run)


def notice_of_unlocked(run) -> str:
    return SingleRun(run).part_body(STATUS)["notice"]


def test_a_silent_worker_is_replaced_without_changing_the_results(make_manager, store):
    config = small(epochs=300)
    manager = make_manager(cap=1, store=store)
    run = manager.start(config, pace=2_000.0)
    wait_for_updates(run)
    wait_until(lambda: store.load_about(run.id) is not None and store.load_about(run.id).step > 0)
    queued = manager.start(small(seed=5))
    first = run.process
    with stopped_worker(run):
        manager.change(run, learning_rate=run.current_config.learning_rate)
        wait_in_silence(manager, lambda: run.replaced_at is not None)
        assert first.popen.wait(10) == -signal.SIGKILL
    assert run.process is not first
    assert "was replaced" in notice_of(run) or run.state in states.FINAL
    manager.set_pace(run, None)
    wait_for_state(run, states.FINISHED)
    wait_for_state(queued, states.FINISHED)
    snapshots, _ = train_headless(config)
    assert run.telemetry.snapshots[-1].to_array() == pytest.approx(snapshots[-1].to_array(), nan_ok=True, abs=0)
    assert np.array_equal(run.telemetry.epochs["judge_accuracy"].line()[0][:1], [0.0])


def test_a_change_that_was_not_read_takes_effect_in_the_new_worker(make_manager, store):
    manager = make_manager(store=store)
    run = start_watched(manager, endless())
    wait_until(lambda: store.load_about(run.id) is not None and store.load_about(run.id).step > 0)
    with stopped_worker(run):
        manager.change(run, l2=3.0)
        wait_in_silence(manager, lambda: run.replaced_at is not None)
    wait_until(lambda: run.telemetry.changes)
    assert run.current_config.l2 == 3.0
    assert run.telemetry.changes[0].fields == {"l2": 3.0}


def test_without_a_store_the_run_fails_with_the_reason(make_manager):
    manager = make_manager()
    run = start_watched(manager, endless())
    wait_for_updates(run)
    with stopped_worker(run):
        wait_in_silence(manager, lambda: run.state == states.FAILED)
    assert "sent nothing for 1 min" in run.reason


def test_a_silent_run_that_should_pause_is_interrupted_and_resumable(make_manager, store):
    manager = make_manager(store=store)
    run = start_watched(manager, endless())
    wait_until(lambda: store.load_about(run.id) is not None and store.load_about(run.id).step > 0)
    with stopped_worker(run):
        manager.pause(run)
        wait_in_silence(manager, lambda: run.state == states.INTERRUPTED)
    assert "sent nothing for 1 min" in notice_of(run)
    assert "Press Resume" in notice_of(run)
    manager.resume(run)
    wait_for_updates(run)


def test_a_run_whose_second_worker_is_silent_too_is_interrupted(make_manager, store):
    manager = make_manager(store=store)
    run = start_watched(manager, endless())
    wait_until(lambda: store.load_about(run.id) is not None and store.load_about(run.id).step > 0)
    take = manager.spare.take

    def take_stopped():
        process = take()
        os.kill(process.popen.pid, signal.SIGSTOP)
        return process

    manager.spare.take = take_stopped
    with stopped_worker(run):
        wait_in_silence(manager, lambda: run.replaced_at is not None)
    wait_in_silence(manager, lambda: run.state == states.INTERRUPTED)
    assert "sent nothing for 1 min" in run.reason


def test_a_silent_run_that_should_stop_is_stopped(make_manager, store):
    manager, run = manager_and_run(make_manager, store)
    with stopped_worker(run) as pid:
        manager.stop(run, "it was enough")
        wait_in_silence(manager, lambda: run.state == states.STOPPED)
        wait_until(lambda: not alive(pid))
    assert run.reason == "it was enough"


def test_the_board_shows_an_order_without_an_answer_until_it_comes(make_manager):
    manager, run = manager_and_run(make_manager)
    with stopped_worker(run):
        manager.pause(run)
        wait_without_answer(manager, run, lambda: "No answer for 5 s" in notice_of(run))
        assert run.state == states.RUNNING
    wait_for_state(run, states.PAUSED)
    wait_until(lambda: notice_of(run) == "")


def test_a_run_that_does_not_answer_stop_is_stopped(make_manager, store):
    manager, run = manager_and_run(make_manager, store)
    with stopped_worker(run) as pid:
        manager.stop(run, "it was enough")
        wait_without_answer(manager, run, lambda: "After 1 min it ends" in notice_of(run))
        wait_without_answer(manager, run, lambda: run.state == states.STOPPED)
        wait_until(lambda: not alive(pid))
    assert run.reason == "it was enough"


def test_the_time_without_an_answer_begins_again_with_stop(make_manager):
    manager, run = manager_and_run(make_manager)
    with stopped_worker(run):
        manager.pause(run)
        wait_without_answer(manager, run, lambda: run.process.unanswered_checks >= 200)
        manager.stop(run)
        run.process.silent_checks = 0
        manager.silence.check()
        assert run.state == states.RUNNING
        assert run.process.unanswered_checks == 1
    wait_for_state(run, states.STOPPED)


def test_a_worker_that_answers_older_orders_answers(make_manager):
    manager, run = manager_and_run(make_manager)
    run.process.unanswered_checks = 30
    manager.change(run, l2=3.0)
    wait_until(lambda: run.telemetry.changes)
    wait_until(lambda: run.process.unanswered_checks < 30)


def test_a_worker_is_replaced_at_once_if_too_many_orders_wait(make_manager, store, monkeypatch):
    monkeypatch.setattr(outbox, "MAX_WAITING", 10)
    manager = make_manager(store=store)
    run = start_watched(manager, endless())
    wait_until(lambda: store.load_about(run.id) is not None and store.load_about(run.id).step > 0)
    with stopped_worker(run) as pid:
        run_in_thread(lambda: [manager.change(run, l2=float(number)) for number in range(ORDERS)])
        wait_until(lambda: not alive(pid))
    wait_until(lambda: run.replaced_at is not None)
    wait_for_updates(run)


def test_closing_the_manager_ends_a_stopped_worker(make_manager):
    manager = make_manager()
    runs = [start_watched(manager, endless()) for _ in range(2)]
    for run in runs:
        wait_for_updates(run)
    for run in runs:
        os.kill(run.process.popen.pid, signal.SIGSTOP)
    manager.close()
    wait_until(lambda: not any(alive(run.process.popen.pid) for run in runs))
