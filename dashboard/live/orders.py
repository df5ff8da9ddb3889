"""What a key, a clicker or a button of the board tells a run."""

from __future__ import annotations

from dashboard.live.watched import Watched
from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

WAITING = (states.PAUSED, states.INTERRUPTED)  # for a person who lets them go on


def obey(manager: Manager, watched: Watched, order: object) -> None:
    """Give a run an order, or all runs of a group; what is none, and any order to a run that has ended, does nothing.

    To pause and to resume are orders to all alike: where any trains or waits for its turn, all pause. To resume is one
    to those that are paused or were interrupted; what somebody has stopped stays so.

    Raises:
        FieldError: where a run of a group cannot go on.
    """
    if isinstance(watched, Run):
        _obey(manager, watched, order)
    elif order != "toggle":
        for run in watched.runs:
            _obey(manager, run, order)
    elif watched.state in (states.RUNNING, states.QUEUED):
        for run in watched.runs:
            manager.pause(run)
    else:
        for run in watched.runs:
            if run.state in WAITING:
                manager.resume(run)


def _obey(manager: Manager, run: Run, order: object) -> None:
    if order == "toggle":
        if run.state == states.PAUSED:
            manager.resume(run)
        else:
            manager.pause(run)
    elif order == "step":
        manager.step(run)
    elif order == "step_epoch":
        manager.step_epoch(run)
