"""Values that boards report to their page."""

from __future__ import annotations

import pytest
import streamlit as st

from dashboard.live.board import REPORTED_VALUES
from dashboard.state import board_state


@pytest.fixture
def reported(monkeypatch) -> dict[str, dict]:
    """Session state with reported values of two boards."""
    state = {"board": {"fallback": True, "at": 7, "order": "toggle", "fork": None}, "compare_board": {"at": None}}
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


def test_a_handler_is_called_only_with_a_value(reported):
    values = []
    callbacks = board_state.callbacks("board", {"order": values.append, "fork": values.append})
    assert set(callbacks) == set(REPORTED_VALUES), "there is a callback for each value"
    for name in REPORTED_VALUES:
        callbacks[name]()
    assert values == ["toggle"]
    reported["board"]["fork"] = 0
    callbacks["fork"]()
    assert values == ["toggle", 0], "step 0 is a value"
