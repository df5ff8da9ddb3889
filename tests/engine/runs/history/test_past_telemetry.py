"""Looking back: the telemetry of a run at an earlier step."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine import FieldError, RunConfig, Training, dataset_of, select
from engine.families.penalties.sum import PenaltySum
from engine.learning.checkpoint import Change, config_at
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.masks import count_trained_batches
from engine.runs.extracts.run_state import RunState
from engine.runs.history import past_telemetry as past_module
from engine.runs.history.past_telemetry import telemetry_at
from engine.runs.history.telemetry import MAX_SNAPSHOTS, Telemetry
from engine.runs.messages import Report
from tests.engine.runs.driving import InMemoryWorker, small
from tests.engine.runs.history.test_telemetry import snapshot

CONFIGS = {
    "digits": {"hidden": (8, 5), "l2": 0.5},
    "a plane": {"dataset": "spirals", "hidden": (6,), "activation": "tanh", "label_noise": 0.1},
    "a mask for each example": {"hidden": (8,), "dropout_mask": "example", "train_size": 97},
    "a schedule": {"hidden": (6,), "learning_rate": 5.0, "dtype": "float64", "halve_after": 2, "max_halvings": 30},
}
CHANGES = [Change(23, {"drop_probability": 0.25}), Change(23, {"l2": 2.0}), Change(71, {"learning_rate": 0.05})]


def assert_equal(one: Any, other: Any) -> None:
    """Assert that all numbers are equal, in dataclasses and containers as well."""
    assert type(one) is type(other)
    if is_dataclass(one):
        for field in fields(one):
            assert_equal(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_equal(one[key], other[key])
    elif isinstance(one, (tuple, list)):
        assert len(one) == len(other)
        for mine, others in zip(one, other, strict=True):
            assert_equal(mine, others)
    elif isinstance(one, PenaltySum):
        assert [vars(member) for member in one.members] == [vars(member) for member in other.members]
    else:
        np.testing.assert_array_equal(one, other)


def changed_run(config: RunConfig, steps: int, *, every: int = 7) -> Telemetry:
    """The telemetry of a run with a keyframe every `every` updates and with `CHANGES`."""
    in_memory = InMemoryWorker(config)
    for step in sorted({*range(0, steps, every), *(change.step for change in CHANGES if change.step < steps), steps}):
        in_memory.advance_to(step)
        for change in CHANGES:
            if change.step == step:
                in_memory.command("change", dict(change.fields))
    return in_memory.telemetry()


def run_state_of(config: RunConfig, step: int) -> RunState:
    """The state of the same run, trained again up to a step."""
    data = select(config, dataset_of(config))
    training = Training(config, data, changes=CHANGES)
    while training.step < step:
        assert training.run(step - training.step)
        if training.step % training.steps_per_epoch == 0:
            training.end_epoch()
    changes = tuple(change for change in CHANGES if change.step <= step)
    trained = tuple(
        count_trained_batches(config, changes, data.n, layer, range(1, step + 1))
        for layer in range(1, len(config.hidden) + 1)
    )
    now = config_at(config, changes, step + 1)
    return RunState(now, config, changes, data, training.parameters, step, training.early_stopping.halvings, trained)


@pytest.mark.parametrize("name", CONFIGS)
def test_at_a_keyframe_every_extract_equals_that_of_a_run_at_this_step(name):
    config = small(epochs=30, **CONFIGS[name])
    now = changed_run(config, 120)
    keyframe_steps = [keyframe.step for keyframe in now.keyframes]
    assert {0, 23, 71, 119, 120} <= set(keyframe_steps) | {119}
    for step in (0, 7, 23, 70, 71, 77, 120):
        assert step in keyframe_steps
        past = telemetry_at(config, now, step)
        assert (past.step, past.keyframe_step) == (step, step)
        run_state = run_state_of(config, step)
        assert set(past.extracts) == set(EXTRACTS)
        for extract in EXTRACTS.values():
            assert_equal(past.extracts[extract.name], extract.make(run_state))


@pytest.mark.parametrize("name", ["digits", "a mask for each example"])
def test_between_keyframes_only_extracts_of_masks_are_exact(name):
    config = small(epochs=30, **CONFIGS[name])
    now = changed_run(config, 120)
    for step, keyframe in ((6, 0), (24, 23), (69, 63), (76, 71), (118, 112)):
        past = telemetry_at(config, now, step)
        assert (past.step, past.keyframe_step) == (step, keyframe)
        assert_equal(past.extracts["recent_masks"], EXTRACTS["recent_masks"].make(run_state_of(config, step)))
        assert (
            past.extracts["recent_masks"].first_step + past.extracts["recent_masks"].kept_percentages.shape[1] - 1
            == step
        )
        assert_equal(past.extracts["weights"], EXTRACTS["weights"].make(run_state_of(config, keyframe)))


def test_lines_snapshots_and_changes_end_at_the_earlier_step():
    config = small(epochs=30, hidden=(8,))
    now = changed_run(config, 120)
    for step in range(121):
        past = telemetry_at(config, now, step)
        x, y = past.mini_batch_cost.line()
        assert x.tolist() == list(range(1, step + 1))
        assert y.tolist() == now.mini_batch_cost.line()[1][:step].tolist()
        epochs, costs = past.epochs["training_cost"].line()
        assert epochs.tolist() == list(range(step // 10 + 1))
        assert costs.tolist() == now.epochs["training_cost"].line()[1][: step // 10 + 1].tolist()
        for series in past.over_time.values():
            assert (series.line()[0] <= step / 10).all()
        assert (past.snapshot.epoch, past.snapshot.step) == (step // 10, step // 10 * 10)
        assert past.snapshots == now.snapshots[: step // 10 + 1]
        assert past.changes == [change for change in CHANGES if change.step <= step]


def test_a_step_outside_the_run_is_moved_to_its_start_or_end():
    config = small(epochs=30)
    now = changed_run(config, 50)
    for requested, step in ((51, 50), (10**30, 50), (50, 50), (-1, 0), (-(10**30), 0)):
        past = telemetry_at(config, now, requested)
        assert (past.step, past.keyframe_step) == (step, step)
    assert telemetry_at(config, now, -5).extracts["recent_masks"] is None


def test_the_past_of_a_run_without_reports_is_empty():
    past = telemetry_at(small(), Telemetry(), 7)
    assert (past.step, past.keyframe_step, past.snapshot, dict(past.extracts)) == (0, None, None, {})


def test_later_reports_do_not_change_the_past():
    config = small(epochs=30)
    in_memory = InMemoryWorker(config)
    in_memory.advance_to(40)
    now = in_memory.telemetry()
    past = telemetry_at(config, now, 33)
    lines = [series.line() for series in (past.mini_batch_cost, *past.epochs.values())]
    snapshots, changes, keyframe = list(past.snapshots), list(past.changes), past.keyframe_step
    in_memory.command("change", {"l2": 0.0})
    in_memory.advance_to(200)
    assert in_memory.telemetry().step == 200
    for series, line in zip((past.mini_batch_cost, *past.epochs.values()), lines, strict=True):
        assert_equal(series.line(), line)
    assert (past.snapshots, past.changes, past.keyframe_step) == (snapshots, changes, keyframe)
    assert_equal(past.extracts["weights"], telemetry_at(config, now, keyframe).extracts["weights"])


def test_an_extract_is_not_computed_before_it_is_read(monkeypatch):
    config = small(epochs=30)
    past = telemetry_at(config, changed_run(config, 50), 30)
    computed = []
    monkeypatch.setattr(past_module, "run_state_at", lambda *arguments: computed.append(arguments))
    assert len(past.extracts) == len(EXTRACTS)
    assert list(past.extracts) == list(EXTRACTS)
    assert computed == []


def test_without_the_data_the_lines_are_still_shown(monkeypatch):
    config = small(epochs=30)
    now = changed_run(config, 50)
    past_module._select_cached.cache_clear()

    def missing(config: RunConfig) -> None:
        raise FieldError("dataset", "is missing")

    monkeypatch.setattr(past_module, "dataset_of", missing)
    past = telemetry_at(config, now, 35)
    assert past.mini_batch_cost.line()[0][-1] == 35
    assert past.snapshot.epoch == 3
    for name in EXTRACTS:
        with pytest.raises(FieldError):
            past.extracts[name]
        with pytest.raises(FieldError):
            past.extracts.get(name)
    assert past.extracts.get("no such view") is None
    past_module._select_cached.cache_clear()


def test_an_extract_that_raises_is_not_reported_as_missing(monkeypatch):
    def broken(run_state):
        raise KeyError("layer")

    config = small(epochs=30)
    past = telemetry_at(config, changed_run(config, 20), 10)
    monkeypatch.setitem(EXTRACTS, "weights", replace(EXTRACTS["weights"], make=broken))
    with pytest.raises(RuntimeError, match="'weights' raised KeyError: 'layer'"):
        past.extracts.get("weights")


def test_looking_back_uses_the_learning_rate_of_that_time():
    config = small(epochs=30, **CONFIGS["a schedule"])
    now = changed_run(config, 120)
    halvings = [keyframe.halvings for keyframe in now.keyframes]
    assert (halvings[0], halvings == sorted(halvings)) == (0, True)
    assert halvings[-1] > 1
    for keyframe in now.keyframes:
        assert run_state_of(config, keyframe.step).halvings == keyframe.halvings


def test_snapshots_are_bounded_and_spread_over_the_run():
    telemetry = Telemetry()
    for first in range(0, 3000, 25):
        some = tuple(snapshot(epoch) for epoch in range(first, first + 25))
        telemetry.add_report(Report("running", 10 * first + 240, 0.0, snapshots=some, steps_per_epoch=10))
    epochs = [each.epoch for each in telemetry.snapshots]
    assert len(epochs) == MAX_SNAPSHOTS
    assert (epochs[0], epochs[-1]) == (0, 2999)
    assert max(b - a for a, b in pairwise(epochs)) <= 2 * 3000 / (MAX_SNAPSHOTS - 2)
    for step in (0, 7, 12_345, 29_990):
        newest = telemetry_at(small(), telemetry, step).snapshot
        assert newest.step <= step
        assert newest == [each for each in telemetry.snapshots if each.step <= step][-1]
