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

EMPTY_WORKER_BYTES = 23_000_000  # of a worker without a run: interpreter, NumPy and the engine, without mapped files
MAX_ENDED_RUNS = 100  # ended runs in memory
MAX_RUNS_WITH_KEYFRAMES = 12  # ended runs with all keyframes in memory; other ended runs keep the last one


@dataclass(frozen=True)
class MemoryState:
    """The memory of the machine at one moment.

    Attributes:
        free: free bytes. held: the bytes that each run with a worker has, by id.
    """

    free: int
    held: Mapping[str, int]


class MemoryBudget:
    """Refuses runs that do not fit into the memory, together with what the open runs still need; drops ended runs.

    Args:
        runs: all runs by id, the mapping of the manager.
    """

    def __init__(self, runs: dict[str, Run]) -> None:
        self._runs = runs

    def prepare(self, new_runs: Sequence[Run], is_resumed: bool = False) -> MemoryState:
        """Set what new runs need, and measure the memory for `check`. Call it without a lock, because files are read.

        Args:
            new_runs: the runs. is_resumed: whether they continue stored runs; then they are checked here already,
                because loading them takes memory.

        Raises:
            FieldError: as `check`, for runs that continue stored ones.
        """
        for run in new_runs:
            run.needs = _needs_of(run.initial_config, is_resumed)
        memory = self._measure()
        if is_resumed:
            self.check(new_runs, memory)
        return memory

    def check(self, new_runs: Sequence[Run], memory: MemoryState, ending: Collection[Run | None] = ()) -> None:
        """Check that new runs fit into the memory. The manager holds its lock.

        Args:
            new_runs: the runs, after `prepare`. memory: from `prepare`.
            ending: the runs that end when the new ones start.

        Raises:
            FieldError: if they do not fit.
        """
        self._check([(run.initial_config, run.needs) for run in new_runs], memory, {*ending, *new_runs})

    def fits(self, new_runs: Sequence[Run], memory: MemoryState, ending: Collection[Run | None] = ()) -> bool:
        """Return whether new runs fit into the memory; arguments as for `check`."""
        try:
            self.check(new_runs, memory, ending)
        except FieldError:
            return False
        return True

    def check_configs(self, configs: Sequence[RunConfig], ending: Sequence[Run] = (), is_resumed: bool = False) -> None:
        """Check that runs with these configs may be started together. Call it without a lock.

        Args:
            configs: the configs of new runs. ending: the runs that end when the new ones start.
            is_resumed: whether they continue stored runs or are forks.

        Raises:
            FieldError: if they need too much memory.
        """
        self._check([(config, _needs_of(config, is_resumed)) for config in configs], self._measure(), ending)

    def drop_oldest_ended_runs(self) -> None:
        """Remove the oldest ended runs from memory if there are more than `MAX_ENDED_RUNS`.

        A run whose ghost trains stays.
        """
        ended_runs = [run for run in self._runs.values() if run.state in states.FINAL and not run.is_ghost]
        for run in ended_runs[: max(0, len(ended_runs) - MAX_ENDED_RUNS)]:
            if run.ghost is None or run.ghost.state in states.FINAL:
                del self._runs[run.id]
        self.drop_ghosts_without_run()

    def drop_ghosts_without_run(self) -> None:
        """Remove the ended ghosts from memory whose run has been removed or has another ghost."""
        ghosts = {run.ghost.id for run in self._runs.values() if run.ghost is not None}
        for run in list(self._runs.values()):
            if run.is_ghost and run.id not in ghosts and run.state in states.FINAL:
                del self._runs[run.id]

    def _check(
        self,
        requested: Sequence[tuple[RunConfig, Needs | None]],
        memory: MemoryState,
        ending: Collection[Run | None],
    ) -> None:
        known = [(config, needs) for config, needs in requested if needs is not None]
        if not known:
            return
        reserved, free = 0, memory.free
        for run in list(self._runs.values()):
            if run.stopping or run in ending:
                free += memory.held.get(run.id, 0)
            elif run.state not in states.FINAL and run.needs is not None:
                reserved += max(0, run.needs.memory - memory.held.get(run.id, 0))
        largest = max((needs for _, needs in known), key=lambda needs: needs.memory)
        check_memory([(config, needs.memory) for config, needs in known], reserved, free, largest.largest_field)

    def _measure(self) -> MemoryState:
        runs = [run for run in list(self._runs.values()) if run.process is not None]
        return MemoryState(machine.free_memory(), {run.id: held_memory(run) for run in runs})


def held_memory(run: Run) -> int:
    """Return the bytes of memory that the worker and the keyframes of a run have now."""
    process, needs = run.process, run.needs
    if process is None or needs is None or process.popen.poll() is not None:
        return 0
    nbytes = machine.own_memory(process.popen.pid)
    if nbytes is None:  # the system does not report it: all or nothing
        return needs.memory if run.telemetry.steps_per_epoch else 0
    return max(0, nbytes - EMPTY_WORKER_BYTES) + sum(keyframe.flat.nbytes for keyframe in run.telemetry.keyframes)


def _needs_of(config: RunConfig, is_resumed: bool = False) -> Needs | None:
    """Return what a run needs; None if its data set is missing, which its worker reports."""
    try:
        return estimate(config, is_resumed)
    except FieldError:
        return None


def drop_keyframes(runs: Mapping[str, Run]) -> None:
    """Drop all keyframes but the last, for all ended runs except the `MAX_RUNS_WITH_KEYFRAMES` most recent ones.

    Running runs keep all their keyframes.
    """
    ended_runs = [run for run in runs.values() if run.state in states.FINAL and not run.is_ghost]
    for run in sorted(ended_runs, key=lambda run: run.state_since)[:-MAX_RUNS_WITH_KEYFRAMES]:
        if run.ghost is not None and run.ghost.state in states.FINAL:
            run.ghost.telemetry.keyframes.drop_all_but_last()  # for good, because they are not in the store
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
    # without `run.lock`, as in `drop_keyframes`
    run.telemetry.keyframes, run.has_dropped_keyframes = record.telemetry.keyframes, False
    run.mark_as_recent(now)
    drop_keyframes(runs)
