"""The queue of runs that wait to train, and the cores for each run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from engine.runs import states
from engine.runs.messages import Verb
from engine.runs.server.run import Run
from engine.runs.worker.threads import available_cores, cores_per_run

PACED_PER_CORE = 8  # runs with a pace per run at full speed, because each leaves most of a core idle


class RunQueue:
    """The runs that wait to train, in order of arrival. The manager holds its lock for every call.

    Args:
        runs: all runs by id, the mapping of the manager.
        cap: the maximum number of runs that train at full speed; by default the number of cores.
        cores: the cores shared by the runs that train; by default all cores of this machine.
    """

    def __init__(self, runs: Mapping[str, Run], cap: int | None = None, cores: int | None = None) -> None:
        self.cores = cores or available_cores()
        self.cap = cap or self.cores
        self._runs = runs
        self._queue: deque[Run] = deque()

    def may_train(self, run: Run) -> bool:
        """Return whether a run may train.

        Runs at full speed and runs with a pace have separate limits.
        """
        other_runs = [other_run for other_run in self._training_runs() if other_run is not run]
        same_kind_count = sum((other_run.pace is None) == (run.pace is None) for other_run in other_runs)
        return same_kind_count < (self.cap if run.pace is None else self.cap * PACED_PER_CORE)

    def add(self, run: Run, order: Verb) -> None:
        """Queue a run with an order to train. A queued run keeps its place."""
        if run not in self._queue:
            self._queue.append(run)
        run.enqueue(order)

    def remove(self, run: Run) -> None:
        """Remove a run from the queue if it is queued."""
        if run in self._queue:
            self._queue.remove(run)

    def pop_ready_runs(self) -> Iterable[Run]:
        """Remove and yield the runs that may train. The caller starts each before the next is chosen."""
        for run in list(self._queue):
            if run in self._queue and self.may_train(run):
                self._queue.remove(run)
                yield run

    def share_cores(self) -> None:
        """Divide the cores among the runs that train, and send the number to every worker."""
        cores = cores_per_run(self.cores, len(self._training_runs()))
        for run in self._runs.values():
            if run.state not in states.FINAL:
                run.share_cores(cores)

    def _training_runs(self) -> list[Run]:
        """Return the runs that train, without runs that are being stopped."""
        return [run for run in self._runs.values() if run.state == states.RUNNING and not run.stopping]
