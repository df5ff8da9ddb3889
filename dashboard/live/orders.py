"""Orders: commands of a viewer, such as pause, to one run or to all runs of a group."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

ACTIVE = frozenset({states.RUNNING, states.QUEUED})  # "toggle" pauses the runs
WAITING = frozenset(
    {states.PAUSED, states.INTERRUPTED}
)  # "toggle" resumes them, but not stopped runs: a user stopped those
ENDED = states.FINAL - WAITING  # orders have no effect


def give_order(manager: Manager, runs: Sequence[Run], order: object) -> None:
    """Execute an order for all runs; ignore a value that is not in `ORDERS`.

    Raises:
        FieldError: if a run cannot be resumed.
    """
    if isinstance(order, str) and order in ORDERS:
        ORDERS[order](manager, runs)


def toggle(manager: Manager, runs: Sequence[Run]) -> None:
    """Pause all runs if any of them trains or is queued; otherwise resume those that are paused or interrupted."""
    if any(run.state in ACTIVE for run in runs):
        pause(manager, runs)
    else:
        resume(manager, runs)


def pause(manager: Manager, runs: Sequence[Run]) -> None:
    """Pause all runs."""
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


# Messages of the live socket may only contain those of `messages.Order`. The buttons of the page use the others too.
ORDERS: dict[str, Callable[[Manager, Sequence[Run]], None]] = {
    "toggle": toggle,
    "pause": pause,
    "resume": resume,
    "step": step,
    "step_epoch": step_epoch,
}


def toggle_label(state: str) -> str:
    """Return the label of the button for the order "toggle"; for an ended run it starts another run."""
    return "Pause" if state in ACTIVE else "Resume" if state in WAITING else "Start"


def group_toggle_label(run_states: Collection[str]) -> str:
    """Return the label of the button for the order "toggle" to a group; "" if the order has no effect.

    The page of a group starts no other run, so the button of ended runs cannot say "Start".
    """
    for order_states in (ACTIVE, WAITING):
        for state in run_states:
            if state in order_states:
                return toggle_label(state)
    return ""


def state_fields(state: str) -> dict[str, Any]:
    """Return the fields of a `messages.Status` that depend only on the state of one run."""
    return {"state": state, "over": state in states.FINAL, "toggle": toggle_label(state)}
