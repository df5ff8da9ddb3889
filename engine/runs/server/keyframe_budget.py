"""Limits the memory for keyframes: runs that ended long ago keep only their last one in memory."""

from __future__ import annotations

from collections.abc import Mapping

from engine.runs import states
from engine.runs.server.run import Run
from engine.runs.store.record import Record

FULL_RUNS = 12  # ended runs that keep all their keyframes in memory; the others keep their last


def drop_keyframes(runs: Mapping[str, Run]) -> None:
    """Drop all keyframes but the last of every ended run, except of the `FULL_RUNS` that ended last."""
    ended = [run for run in runs.values() if run.state in states.FINAL]
    for run in sorted(ended, key=lambda run: run.state_since)[:-FULL_RUNS]:
        with run.lock:
            run.keyframes_dropped |= len(run.telemetry.keyframes) > 1
            run.telemetry.keyframes.keep_last()


def restore_keyframes(run: Run, record: Record, now: float, runs: Mapping[str, Run]) -> None:
    """Put the stored keyframes of a run back into memory, and drop those of another run.

    Args:
        run: the run. record: the same run in the store. now: by the clock of the runs.
        runs: all runs by id.
    """
    with run.lock:
        run.telemetry.keyframes, run.keyframes_dropped = record.telemetry.keyframes, False
    run.touch(now)
    drop_keyframes(runs)
