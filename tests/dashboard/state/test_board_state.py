"""Values that boards report to their page."""

from __future__ import annotations

import pytest
import streamlit as st

from dashboard.live.board import REPORTED_VALUES
from dashboard.state import board_state


@pytest.fixture
def reported(monkeypatch) -> dict[str, dict]:
    """Session state with reported values of two boards."""
    state = {"board": {"fallback": True, "at": 7, "requests": None}, "compare_board": {"at": None}}
    monkeypatch.setattr(st, "session_state", state)
    return state


def test_each_board_has_its_own_reported_values(reported):
    assert [board_state.socket_failed(board) for board in ("board", "compare_board", "no such board")] == [
        True,
        False,
        False,
    ]
    assert [board_state.step_to_show(board) for board in ("board", "compare_board", "no such board")] == [7, None, None]


def test_the_two_pages_have_different_boards():
    assert board_state.TRAIN != board_state.COMPARE


@pytest.fixture
def request_values(reported):
    """Return a function that reports requests of a board and returns the values that its handlers got."""
    values = []
    callbacks = board_state.callbacks("board", {"order": values.append, "fork": values.append})
    assert set(callbacks) == set(REPORTED_VALUES), "there is a callback for each value"

    def report(requests, board="first"):
        reported["board"]["requests"] = {"board": board, "list": requests}
        for name in REPORTED_VALUES:
            callbacks[name]()
        return values

    return report


def test_requests_that_waited_together_are_executed_in_their_order(request_values):
    assert request_values([[1, "order", "toggle"], [2, "fork", 0], [3, "order", "race"]]) == ["toggle", 0, "race"]


def test_a_request_is_executed_once_although_the_list_comes_again(request_values):
    request_values([[1, "order", "toggle"]])
    assert request_values([[1, "order", "toggle"], [2, "order", "race"]]) == ["toggle", "race"]
    assert request_values([[1, "order", "toggle"]]) == ["toggle", "race"], "a late list"
    assert request_values([[1, "order", "step"]], board="of the page loaded again") == ["toggle", "race", "step"]


def test_the_board_gets_the_numbers_of_the_executed_requests(request_values):
    for board in "abcdef":
        request_values([[1, "order", "toggle"], [2, "order", "race"]], board=board)
    assert board_state.executed_requests() == dict.fromkeys("cdef", 2), "those of older boards are not needed"


@pytest.mark.parametrize(
    "requests", [None, [], [[1]], [["1", "order", "x"]], [[1, "delete", "x"]], [[1, "layout", {}]], "order", [None]]
)
def test_a_request_that_nobody_handles_has_no_effect(request_values, requests):
    assert request_values(requests) == []
