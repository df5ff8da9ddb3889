"""Limits the memory for keyframes: older ended runs keep only their last keyframe in memory."""

from __future__ import annotations

from collections.abc import Mapping

from engine.runs import states
from engine.runs.server.run import Run
from engine.runs.store.record import Record, add_newest_keyframe

MAX_RUNS_WITH_KEYFRAMES = 12  # ended runs with all keyframes in memory; other ended runs keep the last one


def drop_keyframes(runs: Mapping[str, Run]) -> None:
    """Drop all keyframes but the last, for all ended runs except the `MAX_RUNS_WITH_KEYFRAMES` most recent ones.

    Running runs keep all their keyframes.
    """
    ended_runs = [run for run in runs.values() if run.state in states.FINAL]
    for run in sorted(ended_runs, key=lambda run: run.state_since)[:-MAX_RUNS_WITH_KEYFRAMES]:
        # without `run.lock`, which a board holds while it is encoded: the manager holds its own lock here
        run.has_dropped_keyframes |= len(run.telemetry.keyframes) > 1
        run.telemetry.keyframes.drop_all_but_last()


def restore_keyframes(run: Run, record: Record, now: float, runs: Mapping[str, Run]) -> None:
    """Load the stored keyframes of a run into memory, and drop those of the least recent ended run.

    Args:
        run: the run. record: the same run in the store. now: the current time, comparable to `Run.state_since`.
        runs: all runs by id.
    """
    add_newest_keyframe(record)
    with run.lock:
        run.telemetry.keyframes, run.has_dropped_keyframes = record.telemetry.keyframes, False
    run.mark_as_recent(now)
    drop_keyframes(runs)
