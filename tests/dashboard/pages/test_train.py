"""The orders of the train page: when a key gives an order to the run and when it starts another run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.live.single_run import SingleRun
from dashboard.pages import train
from dashboard.sidebar.reading import Settings
from engine import FieldError, RunConfig
from engine.runs import states
from engine.runs.server.run import Run

ENDED = {"finished", "stopped", "diverged", "failed"}


@pytest.fixture
def calls(monkeypatch) -> list[Any]:
    """The calls to a fake manager and to `page_run`."""
    recorded: list[Any] = []

    class Manager:
        def __getattr__(self, name: str) -> Any:
            return lambda run: recorded.append(name)

    settings = SimpleNamespace(problem=None, config=RunConfig(), pace=None)
    monkeypatch.setattr(train, "get_hub", lambda: SimpleNamespace(manager=Manager()))
    monkeypatch.setattr(train, "read_settings", lambda: settings)
    monkeypatch.setattr(train.page_run, "start", lambda config, pace, order: recorded.append(("start", order)))
    monkeypatch.setattr(train.page_run, "set_error", lambda message: message and recorded.append(message))
    return recorded


def run_in(state: str) -> SingleRun:
    run = Run(RunConfig(), None)
    run.state = state
    return SingleRun(run)


def test_a_key_for_a_run_that_another_process_trains_is_refused(calls):
    train.handle_order(run_in(states.ELSEWHERE), "toggle")
    assert calls == ["Another Regscope on this machine trains this run: pause or stop it there."]


@pytest.mark.parametrize("state", sorted(states.NEXT_STATES.keys() - {states.ELSEWHERE}))
def test_a_key_starts_another_run_only_if_the_run_has_ended(calls, state):
    train.handle_order(run_in(state), "toggle")
    expected = {"paused": "resume", "interrupted": "resume"}.get(state, "pause")
    assert calls == [("start", None) if state in ENDED else expected]


@pytest.mark.parametrize("order", ["step", "step_epoch"])
def test_a_key_for_a_step_without_a_run_starts_one_with_that_step(calls, order):
    train.handle_order(None, order)
    assert calls == [("start", order)]


def test_a_run_that_cannot_be_resumed_is_reported(calls, monkeypatch):
    def refuse(manager: Any, order: str) -> None:
        raise FieldError("run", "cannot be resumed: nothing of it is saved")

    watched = run_in("interrupted")
    monkeypatch.setattr(watched, "give_order", refuse)
    train.handle_order(watched, "toggle")
    assert calls == ["run cannot be resumed: nothing of it is saved"]


@pytest.mark.parametrize(
    ("state", "change", "badge"),
    [
        ("finished", {"seed": 2}, "settings changed"),
        ("stopped", {"dataset": "spirals"}, "settings changed"),
        ("finished", {}, ""),
        ("running", {"seed": 2}, ""),
    ],
)
def test_an_ended_run_has_a_badge_if_the_sidebar_has_other_settings(state, change, badge):
    run = run_in(state).run
    settings = Settings(RunConfig(**change), None)
    assert train.changed_badge(run, settings) == badge
    invalid = Settings(RunConfig(**change), None, error=FieldError("epochs", "is invalid"))
    assert train.changed_badge(run, invalid) == ("" if state == "running" else "a setting is invalid")
