"""Limits the memory of a server.

A run is not started if it needs more than half of the free memory, together with the runs that are open. Older ended
runs keep only their last keyframe in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.config import RunConfig
from engine.errors import FieldError
from engine.runs import states
from engine.runs.resources import machine
from engine.runs.resources.estimate import Needs, estimate
from engine.runs.resources.limits import check_memory
from engine.runs.server.run import Run
from engine.runs.store.record import Record, add_newest_keyframe

MAX_RUNS_WITH_KEYFRAMES = 12  # ended runs with all keyframes in memory; other ended runs keep the last one


@dataclass(frozen=True)
class MemoryState:
    """The memory of the machine at one moment.

    Attributes:
        free: free bytes. held: the bytes that each run with a worker has, by id.
    """

    free: int
    held: Mapping[str, int]


def measure_memory(runs: Sequence[Run]) -> MemoryState:
    """Return the free memory and that of some runs. Call it without a lock, because files are read."""
    return MemoryState(machine.free_memory(), {run.id: run.held_memory() for run in runs if run.process is not None})


def needs_of(config: RunConfig, is_resumed: bool = False) -> Needs | None:
    """Return what a run needs; None if its data set is missing, which its worker reports."""
    try:
        return estimate(config, is_resumed)
    except FieldError:
        return None


def check_budget(
    requested: Sequence[tuple[RunConfig, Needs | None]],
    runs: Sequence[Run],
    memory: MemoryState,
    ending: Collection[Run] = (),
) -> None:
    """Check that new runs fit into the memory, together with what the open runs still need.

    Args:
        requested: the config and the needs of each new run. runs: all runs of the server.
        memory: from `measure_memory`. ending: the runs that end when the new ones start.

    Raises:
        FieldError: if they do not fit.
    """
    known = [(config, needs) for config, needs in requested if needs is not None]
    if not known:
        return
    reserved, free = 0, memory.free
    for run in runs:
        if run.stopping or run in ending:
            free += memory.held.get(run.id, 0)
        elif run.state not in states.FINAL and run.needs is not None:
            reserved += max(0, run.needs.memory - memory.held.get(run.id, 0))
    largest = max((needs for _, needs in known), key=lambda needs: needs.memory)
    check_memory([(config, needs.memory) for config, needs in known], reserved, free, largest.largest_field)


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
