"""Recording while a run trains: extracts that raise, live changes, and unchanged results of training."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from engine import FieldError, RunConfig, Training, dataset_of, select
from engine.learning.checkpoint import Change
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.extract import Extract
from engine.runs.history.past_telemetry import telemetry_at
from engine.runs.messages import Report
from engine.runs.server.run import Run
from engine.runs.store.store import Store
from tests.engine.runs.driving import InMemoryWorker, endless, small, start_watched, wait_for_state, wait_for_updates
from tests.processes import wait_until


def trained(config: RunConfig, steps: int, changes: list[Change] | None = None) -> Training:
    training = Training(config, select(config, dataset_of(config)), changes=changes or ())
    while training.step < steps:
        assert training.run(steps - training.step)
        if training.step % training.steps_per_epoch == 0:
            training.end_epoch()
    return training


# Extracts that raise


def broken(run_state: Any) -> Any:
    raise ZeroDivisionError("no such thing in this run")


@pytest.mark.parametrize("part", ["the extract", "its series"])
def test_an_extract_that_raises_is_left_out_and_printed_once(monkeypatch, capfd, part):
    weights = EXTRACTS["weights"]
    broken_extract = replace(weights, make=broken) if part == "the extract" else replace(weights, series_values=broken)
    monkeypatch.setitem(EXTRACTS, "weights", broken_extract)
    config = small(epochs=20)
    in_memory = InMemoryWorker(config, watched=("weights", "recent_masks"))
    in_memory.command("resume")
    while in_memory.worker.state == states.RUNNING:
        in_memory.worker.train_slice()
    for name in ("weights", "recent_masks"):
        in_memory.command("watch", (name,))
    telemetry = in_memory.telemetry()
    assert (in_memory.worker.state, telemetry.step) == (states.FINISHED, 200)
    assert "weights" not in telemetry.extracts
    assert telemetry.extracts["recent_masks"].kept_percentages.shape[1] == 100
    output = capfd.readouterr().err
    assert output.count("ZeroDivisionError: no such thing in this run") == 1
    assert "'weights'" in output
    monkeypatch.undo()
    assert in_memory.worker.training.parameters.flat.tolist() == trained(config, 200).parameters.flat.tolist()


def test_an_extract_that_raised_once_is_computed_again(monkeypatch):
    in_memory = InMemoryWorker(endless(), watched=("weights",))
    with monkeypatch.context() as patch:
        patch.setitem(EXTRACTS, "weights", replace(EXTRACTS["weights"], make=broken))
        in_memory.command("step")
    assert "weights" not in in_memory.telemetry().extracts
    in_memory.command("step")
    assert in_memory.telemetry().extract_steps == {"weights": 2}


def test_a_slow_extract_is_computed_less_often(monkeypatch):
    now = [0.0]
    in_memory = InMemoryWorker(endless(), watched=("slow",))
    recorder = in_memory.worker.recorder
    monkeypatch.setattr("engine.runs.worker.recorder.time.perf_counter", lambda: now[0])

    def slow(run_state):
        now[0] += 0.5
        return run_state.step

    monkeypatch.setitem(EXTRACTS, "slow", Extract("slow", slow, 0.1))
    recorder._extract_times["slow"] = (-1e9, -1, 0.0)
    extract_steps = []
    for step in range(1, 401):
        in_memory.worker.training.run(1)
        now[0] += 0.1
        if recorder.has_due_extract():
            recorder.make_due_extracts(is_idle=False)
            extract_steps.append(step)
    assert extract_steps[0] == 1
    gaps = {b - a for a, b in pairwise(extract_steps)}
    assert len(extract_steps) > 3
    assert min(gaps) >= 99, "an extract of half a second is due every ten seconds"


# Recording does not change the results


@pytest.mark.parametrize("changes", [{}, {"dropout_mask": "example"}, {"hidden": (9, 8), "dtype": "float64"}])
def test_watching_and_looking_back_do_not_change_the_weights(changes):
    config = small(epochs=6, **changes)
    in_memory = InMemoryWorker(config, watched=tuple(EXTRACTS))
    in_memory.command("resume")
    while in_memory.worker.state == states.RUNNING:
        in_memory.worker.train_slice()
        now = in_memory.telemetry()
        past = telemetry_at(config, now, now.step // 2)
        for name in past.extracts:
            past.extracts[name]
    assert in_memory.worker.training.parameters.flat.tolist() == trained(config, 60).parameters.flat.tolist()
    assert list(now.keyframes)[-1].flat.tolist() == in_memory.worker.training.parameters.flat.tolist()


# Live changes


def test_live_changes_equal_changes_given_in_advance():
    config = small(epochs=8, hidden=(12, 6), l2=1.0)
    plan = [
        Change(0, {"drop_probability": 0.2}),
        Change(13, {"l2": 0.0, "l1": 0.5, "l1_rule": "proximal"}),
        Change(14, {"learning_rate": 0.05}),
        Change(30, {"max_norm": 1.0, "drop_probability": 0.75}),
        Change(30, {"input_drop_probability": 0.2}),
        Change(61, {"drop_probability": 0.0}),
    ]
    in_memory = InMemoryWorker(config)
    for change in plan:
        in_memory.advance_to(change.step)
        in_memory.command("change", dict(change.fields))
    in_memory.advance_to(75)
    expected = trained(config, 75, plan)
    assert in_memory.worker.training.parameters.flat.tobytes() == expected.parameters.flat.tobytes()
    telemetry = in_memory.telemetry()
    assert telemetry.changes == plan == expected.changes
    assert telemetry.refusal_reason is None
    assert telemetry.mini_batch_cost.line()[1].tolist() == expected.take_costs().tolist()


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"hidden": (3,)}, "hidden"), ({"learning_rate": -1.0}, "learning_rate"), ({"l2": 1e9}, "l2")],
)
def test_an_invalid_change_is_refused_with_a_reason_and_training_continues(fields, field):
    in_memory = InMemoryWorker(small(epochs=4))
    in_memory.advance_to(7)
    in_memory.command("change", fields)
    (report,) = [report for report in in_memory.reports() if report.refusal_reason]
    assert field in report.refusal_reason
    assert report.changes == ()
    in_memory.advance_to(20)
    assert in_memory.worker.training.parameters.flat.tolist() == trained(small(epochs=4), 20).parameters.flat.tolist()
    assert all(report.refusal_reason is None for report in in_memory.reports()), "the reason is sent once"


def test_a_paused_run_shows_a_change_at_once():
    in_memory = InMemoryWorker(small(dataset="spirals"), watched=("plane",))
    in_memory.advance_to(5)
    before = in_memory.telemetry().extracts["plane"].regions
    in_memory.command("change", {"drop_probability": 0.9})
    after = in_memory.telemetry().extracts["plane"].regions
    assert before.shape == after.shape
    assert (before != after).any(), "the full network has outgoing weights × keep probability"


# Changes through the manager


def test_a_change_of_a_queued_run_becomes_its_initial_config(make_manager):
    manager = make_manager(cap=1)
    first = manager.start(endless())
    queued = manager.start(small(), pace=None)
    assert queued.state == states.QUEUED
    manager.change(queued, l2=0.0, drop_probability=0.25)
    assert queued.initial_config == queued.current_config == small(l2=0.0, drop_probability=0.25)
    manager.stop(first)
    wait_for_state(queued, states.FINISHED)
    assert queued.telemetry.changes == []
    keyframe = queued.telemetry.keyframes.latest_at_or_before(40)
    assert keyframe.flat.tolist() == trained(queued.initial_config, 40).parameters.flat.tolist()


def test_a_change_of_a_training_run_takes_effect_and_is_recorded(make_manager):
    manager = make_manager()
    run = start_watched(manager, endless())
    wait_for_updates(run)
    manager.change(run, l2=0.0)
    wait_until(lambda: run.telemetry.changes)
    (change,) = run.telemetry.changes
    assert (change.fields, run.current_config.l2, run.initial_config.l2) == ({"l2": 0.0}, 0.0, endless().l2)
    wait_for_updates(run)
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    last = list(run.telemetry.keyframes)[-1]
    expected = trained(endless(), last.step, [change])
    assert last.flat.tolist() == expected.parameters.flat.tolist()


def test_only_changeable_fields_of_open_runs_can_change(make_manager):
    manager = make_manager()
    run = manager.start(endless(), pace=5)
    for fields in ({"hidden": (3,)}, {"l2": 0.0, "seed": 2}, {"drop_probability": 1.0}):
        with pytest.raises(FieldError):
            manager.change(run, **fields)
    assert run.current_config == run.initial_config == endless()
    manager.stop(run)
    wait_for_state(run, states.STOPPED)
    manager.change(run, l2=0.0)
    assert run.current_config == endless()
    assert run.telemetry.changes == []


@pytest.mark.slow
def test_runs_that_ended_earlier_keep_only_their_last_keyframe(make_manager, monkeypatch):
    monkeypatch.setattr("engine.runs.server.memory_budget.MAX_RUNS_WITH_KEYFRAMES", 2)
    manager = make_manager()
    runs = []
    for _ in range(4):
        runs.append(manager.start(small(epochs=1)))
        wait_for_state(runs[-1], states.FINISHED)
    wait_until(lambda: len(runs[1].telemetry.keyframes) == 1)
    for run in runs[:2]:
        (last,) = run.telemetry.keyframes
        assert last.step == 10
        assert telemetry_at(run.initial_config, run.telemetry, 9).keyframe_step is None
        assert telemetry_at(run.initial_config, run.telemetry, 10).extracts["weights"] is not None
    for run in runs[2:]:
        assert next(iter(run.telemetry.keyframes)).step == 0
        assert len(run.telemetry.keyframes) > 1


@pytest.mark.slow
def test_dropped_keyframes_are_restored_from_the_store(make_manager, monkeypatch, tmp_path):
    monkeypatch.setattr("engine.runs.server.memory_budget.MAX_RUNS_WITH_KEYFRAMES", 1)
    manager = make_manager(store=Store(tmp_path / "runs.sqlite"))
    first, second = manager.start(small(epochs=1)), manager.start(small(epochs=1, seed=2))
    for run in (first, second):
        wait_for_state(run, states.FINISHED)
    wait_until(lambda: 1 in (len(first.telemetry.keyframes), len(second.telemetry.keyframes)))
    dropped = first if len(first.telemetry.keyframes) == 1 else second
    other = second if dropped is first else first
    before = [keyframe.step for keyframe in other.telemetry.keyframes]
    dropped.process.close()  # its last writes are done
    assert manager.get(dropped.id) is dropped, "all viewers have the same run"
    assert len(dropped.telemetry.keyframes) > 1
    assert next(iter(dropped.telemetry.keyframes)).step == 0
    assert len(other.telemetry.keyframes) == 1, "the number of runs with keyframes stays the same"
    assert manager.get(other.id).telemetry.keyframes.latest_at_or_before(5).step in before


def test_the_current_config_has_applied_and_pending_changes():
    run = Run(endless(l2=1.0), None)
    run.pending_changes = [(2, {"l2": 1e5}), (3, {"learning_rate": 0.1})]
    run.current_config = endless(l2=1e5, learning_rate=0.1)
    for report, l2, learning_rate in (
        (Report(states.RUNNING, 8, 0.0, orders_applied=1), 1e5, 0.1),  # neither change is applied
        (Report(states.RUNNING, 9, 0.0, orders_applied=2, refusal_reason="l2 is too strong"), 1.0, 0.1),
        (Report(states.RUNNING, 9, 0.0, orders_applied=3, changes=(Change(9, {"learning_rate": 0.1}),)), 1.0, 0.1),
    ):
        run.telemetry.add_report(report)
        run.apply_report(report)
        assert (run.current_config.l2, run.current_config.learning_rate) == (l2, learning_rate)
    assert run.pending_changes == []


def test_a_change_after_the_last_update_never_takes_effect():
    run = Run(small(l2=1.0), None)
    run.pending_changes, run.current_config = [(2, {"l2": 5.0})], small(l2=5.0)
    report = Report(states.FINISHED, 40, 0.0, orders_applied=1)
    run.telemetry.add_report(report)
    run.apply_report(report)
    assert run.current_config == small(l2=1.0)


# The weights before the newest update


@pytest.mark.parametrize(("pace", "is_kept"), [(5.0, True), (1.0, True), (6.0, False), (None, False)])
def test_the_weights_before_the_newest_update_are_kept_in_slow_motion_only(pace, is_kept):
    in_memory = InMemoryWorker(small(epochs=20), watched=())
    worker = in_memory.worker
    worker.pace.per_second = pace
    for _ in range(3):
        before = worker.training.parameters.flat.copy()
        worker.advance(1)
        previous = worker.recorder.run_state().previous
        assert (previous is not None) == is_kept
        if is_kept:
            assert previous.flat.tobytes() == before.tobytes()
            assert previous.flat.tobytes() != worker.training.parameters.flat.tobytes()
