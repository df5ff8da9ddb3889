"""Orders to the runs that are watched together, from a key, a clicker or a button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

ACTIVE = frozenset({states.RUNNING, states.QUEUED})  # "toggle" pauses the runs
WAITING = frozenset({states.PAUSED, states.INTERRUPTED})  # "toggle" resumes them; a stopped run was stopped on purpose
ENDED = states.FINAL - WAITING  # no order has an effect


def give(manager: Manager, runs: Sequence[Run], order: object) -> None:
    """Give runs an order; a value that is not in `ORDERS` does nothing.

    Raises:
        FieldError: if a run cannot be resumed.
    """
    if isinstance(order, str) and order in ORDERS:
        ORDERS[order](manager, runs)


def toggle(manager: Manager, runs: Sequence[Run]) -> None:
    """Pause all runs if any of them trains or is queued, otherwise resume those that wait."""
    if any(run.state in ACTIVE for run in runs):
        pause(manager, runs)
    else:
        resume(manager, runs)


def pause(manager: Manager, runs: Sequence[Run]) -> None:
    """Pause runs."""
    for run in runs:
        manager.pause(run)


def resume(manager: Manager, runs: Sequence[Run]) -> None:
    """Resume the runs that are paused or interrupted."""
    for run in runs:
        if run.state in WAITING:
            manager.resume(run)


def step(manager: Manager, runs: Sequence[Run]) -> None:
    """Do one update of each run, then pause it."""
    for run in runs:
        manager.step(run)


def step_epoch(manager: Manager, runs: Sequence[Run]) -> None:
    """Train each run to the end of its epoch, then pause it."""
    for run in runs:
        manager.step_epoch(run)


# A browser may give those of `messages.Order`; the others are given by the page's own buttons.
ORDERS: dict[str, Callable[[Manager, Sequence[Run]], None]] = {
    "toggle": toggle,
    "pause": pause,
    "resume": resume,
    "step": step,
    "step_epoch": step_epoch,
}


def toggle_label(state: str) -> str:
    """Return the label of the button that gives the order "toggle"; a page starts another run after the end of one."""
    return "Pause" if state in ACTIVE else "Resume" if state in WAITING else "Start"


def state_fields(state: str) -> dict[str, Any]:
    """Return the fields of a `messages.Status` that depend on the state alone."""
    return {"state": state, "over": state in states.FINAL, "toggle": toggle_label(state)}
