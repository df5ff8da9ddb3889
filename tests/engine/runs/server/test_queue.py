"""The queue: which runs train, which wait, and which starts next."""

from __future__ import annotations

import pytest

from engine.runs import states
from engine.runs.messages import Report
from engine.runs.server import queue
from tests.engine.runs.driving import (
    endless,
    small,
    start_watched,
    stopped_workers,
    train_headless,
    wait_for_state,
    wait_for_updates,
)
from tests.processes import wait_until
from tests.slowing import PATIENCE

LONG_EPOCHS = small(hidden=(1_000, 1_000), mini_batch_size=1, epochs=10)  # 100 updates of about half a second


@pytest.fixture
def full(make_manager):
    """A manager with a cap of 2, two runs that train and one that is queued."""
    manager = make_manager(cap=2)
    first, second, third = (start_watched(manager, endless()) for _ in range(3))
    wait_for_updates(first)
    wait_for_updates(second)
    return manager, first, second, third


def test_a_third_run_is_queued_at_a_cap_of_two(full):
    _, first, second, third = full
    assert [run.state for run in (first, second, third)] == [states.RUNNING, states.RUNNING, states.QUEUED]
    wait_for_updates(first)
    assert third.telemetry.step == 0


def test_a_queued_run_starts_when_another_is_stopped(full):
    manager, first, _, third = full
    manager.stop(first)
    wait_for_state(third, states.RUNNING)
    wait_for_updates(third)


def test_a_queued_run_starts_when_another_is_paused(full):
    manager, first, second, third = full
    manager.pause(first)
    wait_for_updates(third)
    manager.resume(first)
    assert first.state == states.QUEUED
    paused_at = first.telemetry.step
    wait_for_updates(second)
    assert first.telemetry.step == paused_at
    manager.pause(second)
    wait_for_updates(first)


def test_a_queued_run_starts_when_another_finishes(make_manager):
    manager = make_manager(cap=1)
    runs = [manager.start(small()) for _ in range(3)]
    for run in runs:
        wait_for_state(run, states.FINISHED)
        assert run.telemetry.mini_batch_cost.line()[1].tolist() == train_headless(small())[1].tolist()


def test_a_queued_run_starts_when_another_fails(full):
    _, first, _, third = full
    first.process.popen.kill()
    wait_for_state(first, states.FAILED)
    wait_for_updates(third)


def test_a_queued_run_keeps_its_viewers_and_pace_when_it_starts(full):
    manager, first, _, third = full
    manager.watch(third, 0)
    manager.watch(third, 1)
    manager.set_pace(third, None)
    assert third.state == states.QUEUED
    manager.stop(first)
    wait_for_state(third, states.RUNNING)
    wait_for_updates(third)
    wait_until(lambda: "recent_masks" in third.telemetry.extracts)  # computed only for viewers


@pytest.mark.slow
def test_a_paused_run_leaves_the_queue_until_it_is_resumed(full):
    manager, first, second, third = full
    fourth = start_watched(manager, endless())
    manager.pause(third)
    assert third.state == states.PAUSED
    manager.stop(first)
    wait_for_updates(fourth)
    assert (third.state, third.telemetry.step) == (states.PAUSED, 0)
    manager.resume(third)
    assert third.state == states.QUEUED
    manager.pause(second)
    wait_for_updates(third)


def test_a_stopped_queued_run_never_trains_and_its_process_ends(full):
    manager, first, _, third = full
    manager.stop(third)
    assert third.state == states.STOPPED
    assert third.process.popen.wait(20 * PATIENCE) == 0
    manager.stop(first)
    wait_for_state(first, states.STOPPED)
    assert (third.state, third.reason, third.telemetry.step) == (states.STOPPED, None, 0)


@pytest.mark.slow
def test_a_paused_run_that_is_queued_again_can_be_stopped(full):
    manager, first, _, third = full
    manager.pause(first)
    wait_for_updates(third)
    manager.resume(first)
    manager.stop(first)
    wait_for_state(first, states.STOPPED)
    manager.stop(third)
    wait_for_state(third, states.STOPPED)
    assert first.state == states.STOPPED


def test_a_step_does_not_wait_in_the_queue(full):
    manager, _, _, third = full
    manager.step(third)
    wait_until(lambda: third.telemetry.step == 1)
    wait_for_state(third, states.PAUSED)
    manager.resume(third)
    assert third.state == states.QUEUED
    manager.step(third)
    wait_until(lambda: third.telemetry.step == 2)
    wait_for_state(third, states.PAUSED)


def test_step_epoch_waits_in_the_queue_and_pauses_after_the_epoch(full):
    manager, first, _, third = full
    manager.pause(third)
    manager.step_epoch(third)
    assert third.state == states.QUEUED
    manager.stop(first)
    wait_until(lambda: third.telemetry.step == 10)
    wait_for_state(third, states.PAUSED)


def test_a_run_that_replaces_a_training_run_starts_at_once(full):
    manager, first, second, third = full
    after = manager.start(endless(), replaces=first)
    assert after.state == states.RUNNING
    assert (second.state, third.state) == (states.RUNNING, states.QUEUED), "the replacement starts before queued runs"
    wait_for_state(first, states.STOPPED)
    wait_for_updates(after)
    instead = manager.start(endless(), replaces=third)
    assert (third.state, instead.state) == (states.STOPPED, states.QUEUED)


@pytest.mark.slow
def test_step_epoch_pauses_after_the_epoch_at_a_full_cap(make_manager):
    manager = make_manager(cap=1)
    wait_for_updates(start_watched(manager, endless()))
    run = start_watched(manager, LONG_EPOCHS, pace=1)
    wait_until(lambda: run.telemetry.step)
    with stopped_workers(run):  # so that the epoch does not end before the order
        manager.step_epoch(run)
        manager.set_pace(run, None)
        assert run.state == states.RUNNING, "it trains to the end of the epoch only"
    wait_for_state(run, states.PAUSED)
    assert run.telemetry.step == 100
    manager.resume(run)
    assert run.state == states.QUEUED, "it would train without an end, and the cap is reached"


@pytest.mark.slow
def test_a_queued_epoch_is_trained_to_its_end_later(make_manager):
    manager = make_manager(cap=1)
    first = start_watched(manager, endless())
    run = start_watched(manager, LONG_EPOCHS, pace=1)
    wait_until(lambda: run.telemetry.step)
    with stopped_workers(run):
        manager.step_epoch(run)
        manager.set_pace(run, None)
        manager.step_epoch(run)  # the cap is reached now
        assert run.state == states.QUEUED
        assert run.telemetry.step < 100
    manager.stop(first)
    wait_for_state(run, states.PAUSED)
    assert run.telemetry.step % 100 == 0


def test_resume_during_a_step_epoch_continues_past_the_epoch(make_manager):
    manager = make_manager(cap=1)
    run = start_watched(manager, endless(hidden=(1_000, 1_000), mini_batch_size=1), steps="step_epoch")
    wait_until(lambda: run.telemetry.step)
    manager.resume(run)
    wait_until(lambda: run.telemetry.step > 150)
    assert run.state == states.RUNNING


@pytest.mark.slow
def test_paced_runs_and_runs_at_full_speed_are_counted_separately(make_manager, monkeypatch):
    monkeypatch.setattr(queue, "PACED_PER_CORE", 2)
    manager = make_manager(cap=1)
    full_speed = start_watched(manager, endless())
    paced = [start_watched(manager, endless(), pace=50) for _ in range(3)]
    assert [run.state for run in paced] == [states.RUNNING, states.RUNNING, states.QUEUED]
    for run in (full_speed, *paced[:2]):
        wait_for_updates(run)
    manager.set_pace(paced[0], None)
    assert paced[0].state == states.QUEUED, "another run trains at full speed"
    wait_for_updates(paced[2])
    manager.stop(full_speed)
    wait_for_updates(paced[0])


def test_a_queued_run_that_has_ended_does_not_start_again(make_manager):
    """A worker may finish its run before the order to pause arrives."""
    manager = make_manager(cap=1)
    first, second = manager.start(endless()), manager.start(small())
    assert second.state == states.QUEUED
    assert second.apply_report(Report(states.FINISHED, 40, 0.0))
    manager.stop(first)
    wait_for_state(first, states.STOPPED)
    third = manager.start(small())
    wait_for_state(third, states.FINISHED)
    assert second.state == states.FINISHED
