"""Which state of a run may follow which."""

from __future__ import annotations

from itertools import product

import pytest

from engine import RunConfig
from engine.runs import states
from engine.runs.server.run import Run

STATES = (
    "queued",
    "running",
    "paused",
    "finished",
    "stopped",
    "diverged",
    "failed",
    "interrupted",
    states.ELSEWHERE,
)

# A row for each state, a column for each that may follow it, in the order above.
ALLOWED = """
    queued        x x x  x x x x x  .
    running       x x x  x x x x x  .
    paused        x x .  x x x x x  .
    finished      . . .  . . . . .  .
    stopped       x . .  x . x x x  x
    diverged      . . .  . . . . .  .
    failed        . . .  . . . . .  .
    interrupted   x . .  x x x x .  x
    elsewhere     . . .  x x x x x  .
"""
TABLE = {
    (states.ELSEWHERE if before == "elsewhere" else before, after): cell == "x"
    for line in ALLOWED.strip().splitlines()
    for before, *cells in [line.split()]
    for after, cell in zip(STATES, cells, strict=True)
}


def run_in(state: str) -> Run:
    return Run(RunConfig(), None, state=state, reason="before")


def test_every_state_is_in_the_table():
    assert set(states.NEXT_STATES) == set(STATES)
    assert set(STATES) > states.FINAL
    assert states.RESUMABLE < states.FINAL


@pytest.mark.parametrize(("before", "after"), [pair for pair in product(STATES, STATES) if TABLE[pair]])
def test_a_run_enters_a_state_that_may_follow_its_own(before: str, after: str) -> None:
    run, seen = run_in(before), []
    run.on_transition = lambda run: seen.append(("manager", run.state))
    run.add_listener(lambda: seen.append(("viewer", run.state)))
    run.set_state(after, "a reason")
    assert (run.state, run.reason) == (after, "a reason")
    assert seen == [("manager", after), ("viewer", after)], "once each, the manager first"


@pytest.mark.parametrize(("before", "after"), [pair for pair in product(STATES, STATES) if not TABLE[pair]])
def test_a_state_that_may_not_follow_is_refused_and_nothing_changes(before: str, after: str) -> None:
    run, seen = run_in(before), []
    run.on_transition = lambda run: seen.append(run.state)
    with pytest.raises(states.ForbiddenTransition, match=f"a run that is {before} cannot become {after}"):
        run.set_state(after)
    assert (run.state, run.reason, seen) == (before, "before", [])
