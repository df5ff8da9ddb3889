"""The orders of a key, a clicker or a button of the board."""

from __future__ import annotations

from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

RESUMABLE = (states.PAUSED, states.INTERRUPTED)  # the states from which "toggle" resumes the runs of a group


def give(manager: Manager, run: Run, order: object) -> None:
    """Give one run an order; anything but a `messages.Order` does nothing, as does any order after its end."""
    if order == "toggle":
        if run.state == states.PAUSED:
            manager.resume(run)
        else:
            manager.pause(run)
    elif order == "step":
        manager.step(run)
    elif order == "step_epoch":
        manager.step_epoch(run)
