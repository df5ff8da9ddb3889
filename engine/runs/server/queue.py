"""Whose turn it is: which runs may train now, which wait, and how many cores each may use."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from engine.runs import states
from engine.runs.messages import Verb
from engine.runs.server.run import Run
from engine.runs.worker.threads import cores_each, cores_here

PACED = 8  # runs held to a pace for one at full speed: a class watches its own runs side by side


class Turns:
    """The queue of a manager, in whose lock it is called.

    Args:
        runs: all of them, by id; the manager's own.
        cap: how many may train at full speed at the same time; the number of cores when left out.
        cores: what those that train share; those of this machine when left out.
    """

    def __init__(self, runs: Mapping[str, Run], cap: int | None = None, cores: int | None = None) -> None:
        self.cores = cores or cores_here()
        self.cap = cap or self.cores
        self._runs = runs
        self._queue: deque[Run] = deque()

    def has_room(self, run: Run) -> bool:
        """Whether one more run at this one's pace, full or held, may train."""
        others = [each for each in self._training() if each is not run]
        alike = sum((each.pace is None) == (run.pace is None) for each in others)
        return alike < (self.cap if run.pace is None else self.cap * PACED)

    def wait(self, run: Run, order: Verb) -> None:
        """Queue a run, or let one that is queued wait with another order."""
        run.waiting = order
        if run not in self._queue:
            self._queue.append(run)

    def leave(self, run: Run) -> bool:
        """Take a run out of the queue; whether it was in it."""
        if run in self._queue:
            self._queue.remove(run)
            return True
        return False

    def next(self) -> Iterable[Run]:
        """One after the other, the runs whose turn it is by now; each takes its room before the next is asked for."""
        for run in list(self._queue):
            if self.has_room(run):
                self._queue.remove(run)
                yield run

    def share_cores(self) -> None:
        """Tell every worker how many cores its products may use: the runs that train divide them."""
        each = cores_each(self.cores, len(self._training()))
        for run in self._runs.values():
            if run.state not in states.FINAL and run.cores != each:
                run.cores = each
                run.tell(Verb.THREADS, each)

    def _training(self) -> list[Run]:
        """The runs that take a turn; one that is being stopped is as good as gone."""
        return [run for run in self._runs.values() if run.state == states.RUNNING and not run.ending]
