"""Limits the memory for keyframes: of runs that ended long ago only the last one stays in memory."""

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
    """Put the stored keyframes back into a run that a person looks at, and drop those of another run.

    Args:
        run: whose keyframes were dropped. record: the run in the store. now: by the clock of the runs.
        runs: all of them.
    """
    with run.lock:
        run.telemetry.keyframes, run.keyframes_dropped = record.telemetry.keyframes, False
    run.touch(now)
    drop_keyframes(runs)
