"""The ghost of a run: another run that trains beside it and follows its orders."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.regularizers import without_regularizers
from engine.errors import FieldError
from engine.runs import states
from engine.runs.server import manager as manager_module
from engine.runs.server import memory_budget
from engine.runs.server.control import has_usable_ghost
from engine.runs.server.run import Run
from engine.runs.store.store import Store
from tests.engine.runs.driving import endless, small, train_headless, wait_for_state, wait_for_updates
from tests.processes import wait_until


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "runs.sqlite")


def start_with_ghost(manager, config, **options) -> tuple[Run, Run]:
    run = manager.start(config, ghost=without_regularizers(config), **options)
    for each in (run, run.ghost):
        manager.watch(each, 1)
    return run, run.ghost


def test_both_have_the_results_that_they_would_have_alone(make_manager):
    config = small(l2=2.0, drop_probability=0.0)
    run, ghost = start_with_ghost(make_manager(cap=2), config)
    for each in (run, ghost):
        wait_for_state(each, states.FINISHED)
        snapshots, costs = train_headless(each.initial_config)
        last = snapshots[-1].to_array()
        assert np.array_equal(each.telemetry.snapshots[-1].to_array(), last, equal_nan=True)
        assert np.array_equal(each.telemetry.mini_batch_cost.line()[1], np.asarray(costs, np.float64))
    assert ghost.initial_config.l2 == 0
    # the same initial weights and the same data
    assert run.telemetry.snapshots[0].evaluation == ghost.telemetry.snapshots[0].evaluation


def test_it_follows_the_orders_of_the_run(make_manager):
    manager = make_manager(cap=2)
    run, ghost = start_with_ghost(manager, endless(), pace=200.0)
    wait_for_updates(ghost)
    manager.pause(run)
    wait_for_state(ghost, states.PAUSED)
    wait_for_state(run, states.PAUSED)
    step = ghost.telemetry.step
    manager.step(run)
    wait_until(lambda: ghost.telemetry.step == step + 1)
    manager.step_epoch(run)
    wait_until(lambda: ghost.telemetry.step > step + 1 and ghost.telemetry.step % 10 == 0)
    wait_for_state(ghost, states.PAUSED)
    wait_for_state(run, states.PAUSED)
    manager.set_pace(run, 500.0)
    assert ghost.pace == 500.0
    manager.resume(run)
    wait_for_updates(ghost)
    wait_for_updates(run)
    manager.stop(run, "it was enough")
    wait_for_state(ghost, states.STOPPED)
    wait_for_state(run, states.STOPPED)


def test_a_first_step_is_done_by_both(make_manager):
    run, ghost = start_with_ghost(make_manager(cap=2), endless(), steps="step")
    for each in (run, ghost):
        wait_until(lambda each=each: each.state == states.PAUSED and each.telemetry.step == 1)


def test_it_gets_the_changes_that_are_not_those_of_a_regularizer(make_manager):
    manager = make_manager(cap=2)
    run, ghost = start_with_ghost(manager, endless())
    manager.change(run, l2=5.0, learning_rate=0.1)
    manager.change(run, drop_probability=0.25)
    wait_until(lambda: len(run.telemetry.changes) == 2 and ghost.telemetry.changes)
    assert ghost.current_config == without_regularizers(run.current_config)
    assert [change.fields for change in ghost.telemetry.changes] == [{"learning_rate": 0.1}]


def test_a_run_that_replaces_another_one_ends_its_ghost(make_manager):
    manager = make_manager(cap=2)
    run, ghost = start_with_ghost(manager, endless())
    wait_for_updates(ghost)
    manager.start(endless(), replaces=run)
    wait_for_state(run, states.STOPPED)
    wait_for_state(ghost, states.STOPPED)


def test_it_is_not_saved(make_manager, store):
    run, ghost = start_with_ghost(make_manager(cap=1, store=store), small())
    wait_for_state(run, states.FINISHED)
    wait_for_state(ghost, states.FINISHED)
    assert [about.id for about in store.list()] == [run.id]


def test_it_fails_if_its_worker_dies_and_the_run_continues(make_manager, store):
    run, ghost = start_with_ghost(make_manager(cap=2, store=store), endless())
    wait_for_updates(ghost)
    ghost.process.popen.kill()
    wait_for_state(ghost, states.FAILED)
    wait_for_updates(run)


def test_a_run_starts_without_it_if_both_do_not_fit_into_the_memory(make_manager, monkeypatch):
    manager, config = make_manager(), small()
    run = Run(config, None)
    manager.memory.prepare([run])
    free = int(3 * run.needs.memory)  # at most half of it may be used
    monkeypatch.setattr(memory_budget.machine, "free_memory", lambda: free)
    run = manager.start(config, ghost=without_regularizers(config))
    assert run.ghost is None
    wait_for_state(run, states.FINISHED)


def test_a_run_starts_without_it_if_too_many_runs_are_open(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 2)
    manager = make_manager(cap=2)
    paused = manager.start(endless(), steps="step")
    run = manager.start(endless(), ghost=without_regularizers(endless()))
    assert run.ghost is None
    assert not paused.is_over


def test_it_leaves_the_memory_together_with_the_run(make_manager, monkeypatch):
    monkeypatch.setattr(memory_budget, "MAX_ENDED_RUNS", 1)
    manager = make_manager(cap=2)
    run, ghost = start_with_ghost(manager, small())
    second, second_ghost = start_with_ghost(manager, small(seed=2))
    for each in (run, ghost, second, second_ghost):
        wait_for_state(each, states.FINISHED)
    third = manager.start(small(seed=3))
    assert manager.runs() == [second, second_ghost, third]
    manager.remove_from_memory(second.id)
    assert manager.runs() == [third]


def test_one_can_be_added_to_a_run_later(make_manager):
    manager = make_manager(cap=1)
    run = manager.start(small(), steps="step")
    wait_for_state(run, states.PAUSED)
    manager.add_ghost(run, without_regularizers(run.initial_config))
    wait_for_state(run.ghost, states.FINISHED)
    first = run.ghost
    manager.add_ghost(run, without_regularizers(run.initial_config))
    assert run.ghost is first


def end_of_run_before_its_ghost(manager) -> tuple[Run, Run]:
    """Return a finished run whose ghost still trains."""
    run = manager.start(small(), pace=None)
    wait_for_state(run, states.FINISHED)
    manager.add_ghost(run, endless())
    manager.watch(run.ghost, 1)
    wait_for_updates(run.ghost)
    return run, run.ghost


def test_a_ghost_in_training_ends_when_its_run_is_deleted(make_manager):
    manager = make_manager(cap=2)
    run, ghost = end_of_run_before_its_ghost(manager)
    manager.remove_from_memory(run.id)
    wait_for_state(ghost, states.STOPPED)
    manager.start(small())
    assert run not in manager.runs()
    assert ghost not in manager.runs()


def test_a_run_stays_in_memory_while_its_ghost_trains(make_manager, monkeypatch):
    manager = make_manager(cap=3)
    run, ghost = end_of_run_before_its_ghost(manager)
    monkeypatch.setattr(memory_budget, "MAX_ENDED_RUNS", 0)
    manager.start(endless(seed=2))
    assert run in manager.runs()
    manager.stop(run)
    wait_for_state(ghost, states.STOPPED)
    manager.start(endless(seed=3))
    assert run not in manager.runs()
    assert ghost not in manager.runs()


def test_pausing_an_ended_run_does_not_pause_its_ghost(make_manager):
    manager = make_manager(cap=2)
    run, ghost = end_of_run_before_its_ghost(manager)
    manager.pause(run)
    wait_for_updates(ghost)
    assert ghost.state == states.RUNNING


def test_a_ghost_that_was_stopped_can_be_replaced(make_manager):
    manager = make_manager(cap=2)
    run, ghost = start_with_ghost(manager, endless())
    wait_for_updates(ghost)
    manager.stop(ghost)
    wait_for_state(ghost, states.STOPPED)
    assert not has_usable_ghost(run)
    manager.add_ghost(run, without_regularizers(run.initial_config))
    assert has_usable_ghost(run)
    wait_until(lambda: run.ghost.telemetry.step)
    assert run.ghost is not ghost


def test_a_stopped_run_that_continues_has_no_ghost(make_manager, store):
    manager = make_manager(cap=2, store=store)
    run, ghost = start_with_ghost(manager, endless())
    wait_for_updates(run)
    wait_until(lambda: store.load_about(run.id) is not None and store.load_about(run.id).step > 0)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    wait_for_state(ghost, states.STOPPED)
    manager.resume(run)
    assert run.ghost is None
    wait_for_updates(run)


def test_a_ghost_without_a_viewer_is_not_stopped_for_another_run(make_manager, monkeypatch):
    monkeypatch.setattr(manager_module, "MAX_WORKERS", 3)
    manager = make_manager(cap=4)
    run, ghost = start_with_ghost(manager, endless())
    wait_for_updates(ghost)
    manager.pause(run)
    wait_for_state(ghost, states.PAUSED)
    manager.watch(ghost, 0)
    manager.start(endless(seed=2))
    with pytest.raises(FieldError, match="3 runs are open"):
        manager.start(endless(seed=3))
    assert ghost.state == states.PAUSED


def test_a_change_into_slow_motion_and_out_of_it_draws_its_panels_at_once(make_manager):
    manager = make_manager()
    run = manager.start(endless(), pace=1.0, steps="step")
    wait_until(lambda: run.state == states.PAUSED and run.telemetry.step == 1)
    paces = []
    run.add_listener(lambda: paces.append(run.telemetry.pace))
    for pace, draws in ((5.0, 0), (125.0, 1), (None, 0), (2.0, 1)):
        before = run.telemetry.sequence_numbers["recent_masks"], run.telemetry.sequence_numbers["network"]
        manager.set_pace(run, pace)
        after = run.telemetry.sequence_numbers["recent_masks"], run.telemetry.sequence_numbers["network"]
        assert after == (before[0] + draws, before[1] + draws)
        assert pace in paces
