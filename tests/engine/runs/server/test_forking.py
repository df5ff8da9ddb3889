"""Forks start with the weights and history of their parent, and continue with new settings."""

from __future__ import annotations

import numpy as np
import pytest

from engine import FieldError, Training, dataset_of, select
from engine.runs import states
from engine.runs.history.past_telemetry import telemetry_at
from engine.runs.server import manager as manager_module
from engine.runs.server.forking import fork_records
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, wait_for_state, wait_for_updates


@pytest.fixture
def manager(make_manager, tmp_path):
    return make_manager(store=Store(tmp_path / "runs.sqlite"))


def finished_run(manager, **changes):
    run = manager.start(small(**changes))
    wait_for_state(run, states.FINISHED)
    return run


def test_a_fork_without_a_change_gives_the_results_of_its_parent(manager):
    parent = finished_run(manager)
    step = next(each.step for each in parent.telemetry.keyframes if each.step > 5)
    (fork,) = manager.fork(parent, step, [{}])
    wait_for_state(fork, states.FINISHED)
    assert (fork.parent, fork.forked_at, fork.telemetry.step) == (parent.id, step, parent.telemetry.step)
    last, parents = fork.telemetry.keyframes.latest_at_or_before(40), parent.telemetry.keyframes.latest_at_or_before(40)
    np.testing.assert_array_equal(last.flat, parents.flat)
    np.testing.assert_array_equal(np.concatenate(last.training_counts), np.concatenate(parents.training_counts))
    assert fork.telemetry.snapshots == parent.telemetry.snapshots
    np.testing.assert_array_equal(fork.telemetry.mini_batch_cost.line(), parent.telemetry.mini_batch_cost.line())


def test_a_fork_with_a_change_equals_training_with_that_change(manager):
    parent = finished_run(manager)
    step = next(each.step for each in parent.telemetry.keyframes if each.step > 5)
    forks = manager.fork(parent, step, [{"l2": 0.0}, {"drop_probability": 0.0, "learning_rate": 0.1}])
    for fork, fields in zip(forks, ({"l2": 0.0}, {"drop_probability": 0.0, "learning_rate": 0.1}), strict=True):
        wait_for_state(fork, states.FINISHED)
        training = Training(parent.initial_config, select(parent.initial_config, dataset_of(parent.initial_config)))
        while training.step < step:
            training.run(step - training.step)
        training.change(**fields)
        while not training.finished:
            training.run(training.steps_per_epoch)
        np.testing.assert_array_equal(fork.telemetry.keyframes.latest_at_or_before(40).flat, training.parameters.flat)
        assert [(change.step, change.fields) for change in fork.telemetry.changes] == [(step, fields)]
        assert fork.current_config == training.current_config
        assert fork.initial_config == parent.initial_config


def test_the_lines_of_a_fork_start_with_those_of_its_parent(manager):
    parent = finished_run(manager)
    (fork,) = manager.fork(parent, 20, [{"l2": 0.0}])
    wait_for_state(fork, states.FINISHED)
    step = fork.forked_at
    fork_past, parent_past = (
        telemetry_at(fork.initial_config, fork.telemetry, step),
        telemetry_at(parent.initial_config, parent.telemetry, step),
    )
    assert fork_past.snapshots == parent_past.snapshots
    assert fork_past.epochs.keys() == parent_past.epochs.keys()
    for name in parent_past.epochs:
        np.testing.assert_array_equal(fork_past.epochs[name].line(), parent_past.epochs[name].line())


def test_a_fork_does_not_change_its_parent(manager):
    parent = manager.start(endless(), pace=200.0)
    manager.watch(parent, 1)
    wait_for_updates(parent)
    manager.fork(parent, parent.telemetry.step, [{}])
    wait_for_updates(parent)
    assert parent.state == states.RUNNING
    assert not parent.telemetry.changes


def test_a_fork_can_continue_a_finished_run_with_more_epochs(manager):
    parent, longer = finished_run(manager, epochs=2), finished_run(manager, epochs=4)
    with pytest.raises(FieldError, match="must end after update 20"):
        manager.fork(parent, 20, [{}])
    (fork,) = manager.fork(parent, 20, [{}], epochs=4)
    wait_for_state(fork, states.FINISHED)
    np.testing.assert_array_equal(
        fork.telemetry.keyframes.latest_at_or_before(40).flat, longer.telemetry.keyframes.latest_at_or_before(40).flat
    )


def test_a_fork_is_stored_with_its_parent(manager):
    parent = finished_run(manager)
    (fork,) = manager.fork(parent, 10, [{"l2": 0.0}])
    wait_for_state(fork, states.FINISHED)
    about = manager.store.load_about(fork.id)
    assert (about.parent, about.forked_at, about.group) == (parent.id, fork.forked_at, parent.id)
    assert manager.store.load(fork.id).telemetry.snapshots == fork.telemetry.snapshots


@pytest.mark.parametrize(
    ("futures", "message"),
    [
        ([], "futures must be 1 to 4, got 0"),
        ([{}] * 5, "futures must be 1 to 4, got 5"),
        ([{"hidden": (3,)}], "hidden cannot change"),
        ([{}, {"l2": -1.0}], "l2 must be a number from 0"),
    ],
)
def test_an_invalid_future_is_refused_and_nothing_starts(manager, futures, message):
    parent = finished_run(manager)
    with pytest.raises(FieldError, match=message):
        manager.fork(parent, 10, futures)
    assert manager.runs() == [parent]


def test_a_record_is_never_made_for_another_network(manager):
    parent = finished_run(manager)
    with pytest.raises(FieldError, match="hidden cannot change"):
        fork_records(parent, 10, [{"hidden": (3,)}])


@pytest.mark.parametrize("train_size", [None, 60])
def test_a_penalty_beyond_the_limit_of_the_data_is_refused(manager, train_size):
    parent = finished_run(manager, train_size=train_size)
    with pytest.raises(FieldError, match="ηλ/n below 2"):
        manager.fork(parent, 10, [{"l2": 1e5}])
    assert manager.runs() == [parent]


def test_an_interrupted_run_can_be_forked_at_its_last_step(manager):
    parent = manager.start(endless(), pace=500.0)
    wait_for_updates(parent)
    parent.process.popen.kill()
    wait_for_state(parent, states.INTERRUPTED)
    (fork,) = manager.fork(parent, parent.telemetry.step, [{}])
    wait_for_updates(fork)


def test_too_many_forks_are_refused_and_nothing_changes(manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 3)
    parent = finished_run(manager)
    paused, watched = (manager.start(endless(), steps="step") for _ in range(2))
    for run in (paused, watched):
        wait_for_state(run, states.PAUSED)
    manager.watch(watched, 1)
    with pytest.raises(FieldError, match="2 runs are open, and this server allows no more; reset or stop 2 of them"):
        manager.fork(parent, 20, [{}, {"l2": 0.0}, {"l2": 0.5}])
    assert set(manager.runs()) == {parent, paused, watched}
    assert paused.state == states.PAUSED
    forks = manager.fork(parent, 20, [{}, {"l2": 0.0}])
    wait_for_state(paused, states.STOPPED)
    assert "it was stopped to start another run" in paused.reason
    for fork in forks:
        wait_for_state(fork, states.FINISHED)
    assert watched.state == states.PAUSED
