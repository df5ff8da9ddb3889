"""Orders for a single run and for a group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from dashboard.live import orders
from dashboard.live.messages import Order
from dashboard.live.run_group import RunGroup
from dashboard.live.single_run import SingleRun
from dashboard.live.watched import Watched
from engine import RunConfig
from engine.runs import states
from engine.runs.server.run import Run

STATES = sorted(states.NEXT_STATES)
PAUSED_BY_TOGGLE = {"running", "queued"}
RESUMED_BY_TOGGLE = {"paused", "interrupted"}


@dataclass
class Recorder:
    """A fake manager that records its calls."""

    calls: list[tuple[str, Run]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[[Run], None]:
        return lambda run: self.calls.append((name, run))


def run_in(state: str) -> Run:
    run = Run(RunConfig(), None)
    run.state = state
    return run


def calls(watched: Watched, order: object) -> list[tuple[str, Run]]:
    manager = Recorder()
    watched.give_order(manager, order)
    return manager.calls


def calls_of(runs: Sequence[Run], *names: str) -> list[tuple[str, Run]]:
    return list(zip(names, runs, strict=True))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", ["one run", "a group of one"])
def test_toggle_pauses_a_training_run_and_resumes_a_paused_one(kind, state):
    run = run_in(state)
    watched = SingleRun(run) if kind == "one run" else RunGroup([run])
    expected = ["pause"] if state in PAUSED_BY_TOGGLE else ["resume"] if state in RESUMED_BY_TOGGLE else []
    assert calls(watched, "toggle") == calls_of([run] * len(expected), *expected)


@pytest.mark.parametrize("first", STATES)
def test_toggle_pauses_a_group_in_which_any_run_trains(first):
    runs = [run_in(first), run_in("running")]
    assert calls(RunGroup(runs), "toggle") == calls_of(runs, "pause", "pause")


def test_toggle_resumes_the_paused_and_interrupted_runs_of_a_group():
    runs = [run_in(state) for state in ("paused", "finished", "interrupted", "stopped")]
    assert calls(RunGroup(runs), "toggle") == [("resume", runs[0]), ("resume", runs[2])]


@pytest.mark.parametrize("order", ["step", "step_epoch", "pause"])
def test_other_orders_reach_every_run(order):
    runs = [run_in("running"), run_in("paused")]
    assert calls(RunGroup(runs), order) == calls_of(runs, order, order)


def test_the_order_resume_never_pauses_a_run():
    runs = [run_in("running"), run_in("paused")]
    assert calls(RunGroup(runs), "resume") == [("resume", runs[1])]


@pytest.mark.parametrize("value", ["dance", "", None, 7, ["toggle"], {}])
def test_an_invalid_order_does_nothing(value):
    assert calls(SingleRun(run_in("running")), value) == []


def test_every_order_of_a_browser_exists():
    assert set(Order.__args__) <= set(orders.ORDERS)


@pytest.mark.parametrize("state", STATES)
def test_the_label_of_the_first_button_matches_the_order_toggle(state):
    called = [name for name, _ in calls(SingleRun(run_in(state)), "toggle")]
    assert orders.toggle_label(state).lower() == (called[0] if called else "start")
    assert (state in orders.ENDED) == (not called)


def test_the_first_button_of_a_board_without_a_run_is_start():
    assert orders.state_fields("ready") == {"state": "ready", "over": False, "toggle": "Start"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("other", ["finished", "interrupted"])
def test_the_label_of_the_first_button_is_what_toggle_does_to_a_group(state, other):
    done = {name for name, _ in calls(RunGroup([run_in(state), run_in(other)]), "toggle")}
    label = orders.group_toggle_label([state, other]).lower()
    assert done == ({label} if label else set()), "an empty label disables the button"
