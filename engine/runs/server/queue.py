"""The queue of runs: which may train now, which wait, and how many cores each may use."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from engine.runs import states
from engine.runs.messages import Verb
from engine.runs.server.run import Run
from engine.runs.worker.threads import cores_each, cores_here

PACED_PER_CORE = 8  # runs held to a pace for one at full speed: a class watches its own runs side by side


class RunQueue:
    """The runs that wait for room, in the order in which they came. Called under the manager's lock.

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

    def has_room(self, run: Run) -> bool:
        """Whether one more run at this one's pace, full speed or held, may train."""
        others = [each for each in self._training() if each is not run]
        alike = sum((each.pace is None) == (run.pace is None) for each in others)
        return alike < (self.cap if run.pace is None else self.cap * PACED_PER_CORE)

    def add(self, run: Run, order: Verb) -> None:
        """Queue a run with an order to train; one that is queued keeps its place."""
        if run not in self._queue:
            self._queue.append(run)
        run.enqueue(order)

    def remove(self, run: Run) -> None:
        """Take a run out of the queue, if it is in it."""
        if run in self._queue:
            self._queue.remove(run)

    def take_ready(self) -> Iterable[Run]:
        """Yield the runs that may train by now, one after the other; each must begin before the next is taken."""
        for run in list(self._queue):
            if run in self._queue and self.has_room(run):
                self._queue.remove(run)
                yield run

    def share_cores(self) -> None:
        """Divide the cores among the runs that train, and tell every worker its share."""
        each = cores_each(self.cores, len(self._training()))
        for run in self._runs.values():
            if run.state not in states.FINAL:
                run.share_cores(each)

    def _training(self) -> list[Run]:
        """The runs that take up room; one that is being stopped takes none."""
        return [run for run in self._runs.values() if run.state == states.RUNNING and not run.stopping]
