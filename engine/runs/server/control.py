"""The orders to the runs of a server: pause, step, stop, change. A run may train now, or it is queued.

The ghost of a run gets the same orders; see `Run.ghost`.
"""

from __future__ import annotations

import threading
from typing import Any

from engine.analysis.regularizers import off_values
from engine.learning.checkpoint import check_changeable
from engine.runs import states
from engine.runs.messages import Verb
from engine.runs.server.queue import RunQueue
from engine.runs.server.run import Run


class RunControl:
    """Gives orders to runs.

    Args:
        queue: the runs that wait to train.
    """

    def __init__(self, queue: RunQueue) -> None:
        self.queue = queue
        self._lock = threading.RLock()

    def pause(self, run: Run) -> None:
        """Pause a run that trains or is queued, and its ghost."""
        with self._lock:
            for each in with_ghost(run):
                if each is run or not run.is_over:  # the ghost of an ended run could not be resumed
                    self.queue.remove(each)
                    each.pause()

    def step(self, run: Run) -> None:
        """Do one update, then pause. The run is not queued, because one update takes little time."""
        with self._lock:
            for each in with_ghost(run):
                self._step(each)

    def step_epoch(self, run: Run) -> None:
        """Train to the end of the epoch at full speed, then pause."""
        self._send_or_queue(run, Verb.STEP_EPOCH)
        self._send_or_queue_ghost(run, Verb.STEP_EPOCH)

    def set_pace(self, run: Run, pace: float | None) -> None:
        """Limit the updates per second; None for full speed, which may queue the run.

        A run that trains to the end of an epoch is not queued: it already trains at full speed and will pause soon.
        """
        with self._lock:
            for each in with_ghost(run):
                each.set_pace(pace)
                is_training = each.state == states.RUNNING and each.last_order != Verb.STEP_EPOCH
                if is_training and not self.queue.may_train(each):
                    self._send_or_queue(each, Verb.RESUME)
            self.queue.share_cores()
            self._start_ready_runs()

    def stop(self, run: Run, reason: str | None = None) -> None:
        """End a run and its ghost, and keep their telemetry. The page shows `reason` beside the state."""
        with self._lock:
            for each in with_ghost(run):
                self.queue.remove(each)
                each.request_stop(reason)

    def change(self, run: Run, **fields: Any) -> None:
        """Change the regularization or the learning rate of a run from its next update on.

        Its ghost gets the changes that have nothing to do with a regularizer.

        Args:
            fields: new values by field of `RunConfig`; those of `engine.learning.checkpoint.CHANGEABLE_FIELDS`.

        Raises:
            FieldError: for another field or an invalid value; then nothing changes. If only the worker can
                check a value, the error is in `Telemetry.refused`.
        """
        check_changeable(fields)
        with self._lock:
            run.change(fields)
            shared_fields = {name: value for name, value in fields.items() if name not in off_values()}
            if run.ghost is not None and shared_fields:
                run.ghost.change(shared_fields)

    def _step(self, run: Run) -> None:
        self.queue.remove(run)
        if not run.is_over:
            run.step()

    def _send_or_queue(self, run: Run, order: Verb) -> None:
        """Send an order to train now, or queue the run with it."""
        with self._lock:
            if run.is_over:
                return
            if self.queue.may_train(run):
                self.queue.remove(run)
                run.start_training(order)
            else:
                self.queue.add(run, order)

    def _send_or_queue_ghost(self, run: Run, order: Verb) -> None:
        if run.ghost is not None:
            self._send_or_queue(run.ghost, order)

    def _start_ready_runs(self) -> None:
        with self._lock:
            for run in self.queue.pop_ready_runs():
                run.start_training(run.queued_order or Verb.RESUME)


def with_ghost(run: Run) -> list[Run]:
    """Return a run and its ghost, if it has one."""
    return [run] if run.ghost is None else [run, run.ghost]


def has_usable_ghost(run: Run) -> bool:
    """Return whether a run has a ghost that trains, or has trained to its end and was not stopped."""
    ended_early = states.FINAL - {states.FINISHED, states.DIVERGED}
    return run.ghost is not None and not run.ghost.stopping and run.ghost.state not in ended_early
