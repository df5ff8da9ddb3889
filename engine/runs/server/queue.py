"""The queue of runs that wait to train, and the cores for each run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from engine.runs import states
from engine.runs.messages import Verb
from engine.runs.server.run import Run
from engine.runs.worker.threads import cores_each, cores_here

PACED_PER_CORE = 8  # paced runs in place of one at full speed: each leaves most of a core idle


class RunQueue:
    """The runs that wait to train, in order of arrival. The manager calls it under its lock.

    Args:
        runs: all runs by id; the manager's own mapping.
        cap: how many may train at full speed at the same time; the number of cores when left out.
        cores: shared by the runs that train; those of this machine when left out.
    """

    def __init__(self, runs: Mapping[str, Run], cap: int | None = None, cores: int | None = None) -> None:
        self.cores = cores or cores_here()
        self.cap = cap or self.cores
        self._runs = runs
        self._queue: deque[Run] = deque()

    def may_train(self, run: Run) -> bool:
        """Whether a run may train: whether the cap for its kind, full speed or paced, is not reached by other runs."""
        others = [other for other in self._training_runs() if other is not run]
        same_kind_count = sum((other.pace is None) == (run.pace is None) for other in others)
        return same_kind_count < (self.cap if run.pace is None else self.cap * PACED_PER_CORE)

    def add(self, run: Run, order: Verb) -> None:
        """Queue a run with an order to train; a run that is queued already keeps its place."""
        if run not in self._queue:
            self._queue.append(run)
        run.enqueue(order)

    def remove(self, run: Run) -> None:
        """Take a run out of the queue, if it is in it."""
        if run in self._queue:
            self._queue.remove(run)

    def pop_ready_runs(self) -> Iterable[Run]:
        """Yield the runs that may train now, one by one; the caller starts each before it takes the next."""
        for run in list(self._queue):
            if run in self._queue and self.may_train(run):
                self._queue.remove(run)
                yield run

    def share_cores(self) -> None:
        """Divide the cores among the runs that train, and send every worker its share."""
        cores = cores_each(self.cores, len(self._training_runs()))
        for run in self._runs.values():
            if run.state not in states.FINAL:
                run.share_cores(cores)

    def _training_runs(self) -> list[Run]:
        """Return the runs that train, without those that are being stopped."""
        return [run for run in self._runs.values() if run.state == states.RUNNING and not run.stopping]
