"""What a key, a clicker or a button of the board tells a run."""

from __future__ import annotations

from engine.runs import states
from engine.runs.manager import Manager
from engine.runs.run import Run

ORDERS = ("toggle", "step", "step_epoch")


def obey(manager: Manager, run: Run, order: object) -> None:
    """Give a run an order; what is none, and any order to a run that has ended, does nothing."""
    if order == "toggle":
        if run.state == states.PAUSED:
            manager.resume(run)
        else:
            manager.pause(run)
    elif order == "step":
        manager.step(run)
    elif order == "step_epoch":
        manager.step_epoch(run)
