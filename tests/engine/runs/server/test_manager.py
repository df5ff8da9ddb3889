"""One run and its worker: every order, and the results."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from engine.runs import states
from engine.runs.history.telemetry import EPOCH_SERIES, epoch_values
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run
from tests.engine.runs.driving import (
    endless,
    small,
    start_watched,
    train_headless,
    wait_for_reports,
    wait_for_state,
    wait_for_updates,
)
from tests.processes import wait_until
from tests.slowing import PATIENCE


def wait_for_another_report(manager: Manager, run: Run) -> None:
    """Wait for one more report of a paused run."""
    reported = threading.Event()
    remove_listener = run.add_listener(reported.set)
    manager.watch(run, 0 if run.watchers else 1)
    wait_until(reported.is_set)
    remove_listener()


def test_a_run_can_be_started_paused_resumed_and_stopped(make_manager):
    manager = make_manager()
    run = start_watched(manager, endless())
    assert run.state == states.RUNNING
    wait_for_updates(run)
    manager.pause(run)
    wait_for_state(run, states.PAUSED)
    paused_at = run.telemetry.step
    wait_for_another_report(manager, run)
    assert run.telemetry.step == paused_at
    manager.resume(run)
    assert run.state == states.RUNNING
    wait_for_updates(run)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    assert run.telemetry.step > paused_at
    assert run.reason is None
    assert run.process.popen.wait(10 * PATIENCE) == 0


def test_a_step_is_exactly_one_mini_batch(make_manager):
    manager = make_manager()
    run = manager.start(endless(), steps="step")
    for step in (1, 2, 3):
        wait_until(lambda step=step: run.telemetry.step >= step)
        wait_for_state(run, states.PAUSED)
        wait_for_another_report(manager, run)
        assert run.telemetry.step == step
        manager.step(run)
    wait_until(lambda: run.telemetry.step == 4)
    _, costs = train_headless(small(epochs=1))
    with run.lock:  # the parts of a report are added one after another
        assert run.telemetry.mini_batch_cost.line()[1].tolist() == costs[:4].tolist()


def test_a_step_pauses_a_training_run_after_one_more_mini_batch(make_manager):
    manager = make_manager()
    run = manager.start(endless(), pace=5)
    wait_until(lambda: run.telemetry.step)
    manager.step(run)
    wait_for_state(run, states.PAUSED)
    paused_at = run.telemetry.step
    wait_for_another_report(manager, run)
    assert run.telemetry.step == paused_at


def test_step_epoch_pauses_exactly_at_the_end_of_the_epoch(make_manager):
    manager = make_manager()
    run = manager.start(endless(), pace=1, steps="step_epoch")  # step_epoch ignores the pace
    wait_until(lambda: run.telemetry.step == 10)
    wait_for_state(run, states.PAUSED)
    manager.step(run)
    wait_until(lambda: run.telemetry.step == 11)
    manager.step_epoch(run)
    wait_until(lambda: run.telemetry.step >= 20)
    wait_for_state(run, states.PAUSED)
    wait_for_another_report(manager, run)
    assert run.telemetry.step == 20
    assert run.telemetry.snapshot.epoch == 2


def test_step_epoch_in_the_last_epoch_finishes_the_run(make_manager):
    manager = make_manager()
    run = manager.start(small(epochs=1), steps="step_epoch")
    wait_for_state(run, states.FINISHED)
    assert run.telemetry.step == 10


def test_a_run_follows_its_pace_which_can_be_changed(make_manager):
    manager = make_manager()
    started_at = time.monotonic()
    run = start_watched(manager, endless(), pace=20)
    wait_until(lambda: run.telemetry.step >= 10)
    assert run.telemetry.step <= 20 * (time.monotonic() - started_at) + 2
    manager.set_pace(run, None)
    wait_until(lambda: run.telemetry.step > 1_000)
    manager.set_pace(run, 1)
    wait_for_reports(manager, run)
    started_at, first_step = time.monotonic(), run.telemetry.step
    wait_until(lambda: run.telemetry.step > first_step)
    assert run.telemetry.step - first_step <= 1 * (time.monotonic() - started_at) + 2


def test_a_finished_run_keeps_its_telemetry_and_its_process_ends(make_manager):
    run = make_manager().start(small())
    wait_for_state(run, states.FINISHED)
    assert run.process.popen.wait(10 * PATIENCE) == 0
    assert run.telemetry.step == 40
    assert run.telemetry.snapshot.epoch == 4
    assert [keyframe.step for keyframe in run.telemetry.keyframes][-1] == 40, "the final weights"
    assert run.telemetry.steps_per_second == 0


def test_orders_do_not_change_an_ended_run(make_manager):
    manager = make_manager()
    run = manager.start(small(epochs=1))
    wait_for_state(run, states.FINISHED)
    run.process.popen.wait(10 * PATIENCE)
    for order in (manager.resume, manager.step, manager.step_epoch, manager.pause, manager.stop):
        order(run)
        assert run.state == states.FINISHED
    manager.set_pace(run, 3)
    manager.watch(run, 1)
    assert run.telemetry.step == 10


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_run_at_full_speed_equals_headless_training(make_manager, noise):
    config = small(epochs=20, label_noise=noise)
    snapshots, costs = train_headless(config)
    run = make_manager().start(config)
    wait_for_state(run, states.FINISHED)
    for name in EPOCH_SERIES:
        x, y = run.telemetry.epochs[name].line()
        assert x.tolist() == list(range(21))
        np.testing.assert_array_equal(y, [epoch_values(snapshot)[name] for snapshot in snapshots])
    assert run.telemetry.snapshot == snapshots[-1]
    x, y = run.telemetry.mini_batch_cost.line()
    assert x.tolist() == list(range(1, 201))
    assert y.tolist() == costs.tolist()


def test_watching_pausing_and_stepping_do_not_change_results(make_manager):
    config = small(epochs=6)
    snapshots, costs = train_headless(config)
    manager = make_manager()
    run = manager.start(config, pace=200, steps="step")
    manager.watch(run, 1)
    for order in (manager.step, manager.step_epoch, manager.step, manager.step, manager.step_epoch):
        wait_until(lambda: run.state == states.PAUSED and run.telemetry.step)
        order(run)
    manager.resume(run)
    manager.set_pace(run, None)
    wait_for_state(run, states.FINISHED)
    assert run.telemetry.snapshot == snapshots[-1]
    assert run.telemetry.mini_batch_cost.line()[1].tolist() == costs.tolist()


def test_a_long_run_reports_every_mini_batch_cost_once(make_manager):
    config = small(epochs=300)
    _, costs = train_headless(config)
    run = make_manager().start(config)
    wait_for_state(run, states.FINISHED)
    assert run.telemetry.step == len(costs) == 3_000
    x, y = run.telemetry.mini_batch_cost.line()
    assert (x[-1], y[-1]) == (3_000, costs[-1])
    firsts = x[:-1:2].astype(int)
    for first_step, after, one, other in zip(firsts, [*firsts[1:], 3_001], y[:-1:2], y[1:-1:2], strict=True):
        bucket = costs[first_step - 1 : after - 1]
        assert {one, other} == {bucket.min(), bucket.max()}


def test_a_listener_is_called_until_it_is_removed(make_manager):
    manager = make_manager()
    run = manager.start(endless(), steps="step")
    wait_for_state(run, states.PAUSED)
    observed_states: list[str] = []
    remove_listener = run.add_listener(lambda: observed_states.append(run.state))
    manager.resume(run)
    wait_for_updates(run)
    remove_listener()
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    assert states.RUNNING in observed_states
    assert states.STOPPED not in observed_states


def test_runs_are_found_by_their_ids_and_listed_oldest_first(make_manager):
    manager = make_manager()
    runs = [manager.start(endless(), steps="step") for _ in range(3)]
    assert manager.runs() == runs
    assert len({run.token for run in runs}) == len({run.id for run in runs}) == 3
    assert manager.get(runs[1].id) is runs[1]
    assert manager.get("none such") is None
    assert manager.get(None) is None
