"""Which ended runs keep all keyframes in memory."""

from __future__ import annotations

import pytest

from engine.runs.server import keyframe_budget
from engine.runs.server.keyframe_budget import drop_keyframes, restore_keyframes
from engine.runs.server.run import Run
from engine.runs.store.store import Store
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run


def test_runs_that_ended_or_were_restored_last_keep_their_keyframes(tmp_path, monkeypatch):
    monkeypatch.setattr(keyframe_budget, "MAX_RUNS_WITH_KEYFRAMES", 2)
    store = Store(tmp_path / "runs.sqlite")
    ids = [train_run(store, small(seed=seed)) for seed in (1, 2, 3)]
    runs = {each: Run.from_record(store.load(each), lambda now=now: now) for now, each in enumerate(ids)}
    complete = [len(run.telemetry.keyframes) for run in runs.values()]
    assert min(complete) > 1

    def are_complete() -> list[bool]:
        return [len(run.telemetry.keyframes) == count for run, count in zip(runs.values(), complete, strict=True)]

    drop_keyframes(runs)
    assert are_complete() == [False, True, True]
    assert [run.has_dropped_keyframes for run in runs.values()] == [True, False, False]
    oldest = runs[ids[0]]
    assert [keyframe.step for keyframe in oldest.telemetry.keyframes] == [oldest.telemetry.step], "the last one stays"
    restore_keyframes(oldest, store.load(ids[0]), 7.0, runs)
    assert are_complete() == [True, False, True]
    assert [run.has_dropped_keyframes for run in runs.values()] == [False, True, False]


@pytest.mark.parametrize("state", ["paused", "running"])
def test_a_run_that_has_not_ended_keeps_its_keyframes(tmp_path, monkeypatch, state):
    monkeypatch.setattr(keyframe_budget, "MAX_RUNS_WITH_KEYFRAMES", 1)
    store = Store(tmp_path / "runs.sqlite")
    runs = {each: Run.from_record(store.load(each)) for each in (train_run(store, small(seed=seed)) for seed in (1, 2))}
    first, _ = runs.values()
    first.state = state
    before = len(first.telemetry.keyframes)
    drop_keyframes(runs)
    assert (len(first.telemetry.keyframes), first.has_dropped_keyframes) == (before, False)
