"""The values that a board has reported to its page. Streamlit stores them under the key of the board."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboard.live.board import REPORTED_VALUES, REQUESTS

# The keys of the boards, by page.
TRAIN = "board"
COMPARE = "compare_board"

_EXECUTED = "board.executed"  # the number of the last executed request, by the id of a board in the browser
MAX_BOARDS = 4  # of this page in the browser whose requests may still arrive

Handler = Callable[[Any], None]


def socket_failed(board_key: str) -> bool:
    """Return whether a board has reported that it cannot open its WebSocket."""
    return bool(_reported_value(board_key, "fallback"))


def step_to_show(board_key: str) -> int | None:
    """Return the step to look back at on a board without a socket; None for the newest step."""
    step = _reported_value(board_key, "at")
    return step if isinstance(step, int) else None


def callbacks(board_key: str, handlers: Mapping[str, Handler]) -> dict[str, Callable[[], None]]:
    """Return the callbacks of a board, by the name of the value that it reports.

    Args:
        board_key: TRAIN or COMPARE.
        handlers: functions by the name of a request, one of `REQUESTS`. They are called with its value, before the
            script of the page runs. Other reported values only cause a script run.
    """
    functions = {"requests": partial(_execute_requests, board_key, handlers)}
    return {name: functions.get(name, _do_nothing) for name in REPORTED_VALUES}


def executed_requests() -> dict[str, int]:
    """Return the number of the last executed request, by the id of a board in the browser."""
    executed: dict[str, int] = st.session_state.get(_EXECUTED, {})
    return dict(list(executed.items())[-MAX_BOARDS:])


def _execute_requests(board_key: str, handlers: Mapping[str, Handler]) -> None:
    """Execute the requests of a board that have not been executed, in their order."""
    match _reported_value(board_key, "requests"):
        case {"board": str(board), "list": list(requests)}:
            executed = st.session_state.setdefault(_EXECUTED, {})
            for request in requests:
                match request:
                    case [int(number), str(name), value] if name in REQUESTS and number > executed.get(board, 0):
                        executed[board] = number
                        if name in handlers:
                            handlers[name](value)


def _do_nothing() -> None:
    pass


def _reported_value(board_key: str, name: str) -> Any:
    return st.session_state.get(board_key, {}).get(name)
