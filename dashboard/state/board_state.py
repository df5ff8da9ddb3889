"""The values that a board has reported to its page; Streamlit stores them under the key of the component."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboard.live.board import REPORTED_VALUES

# The keys of the boards, by page.
TRAIN = "board"
COMPARE = "compare_board"

Handler = Callable[[Any], None]


def socket_failed(board: str) -> bool:
    """Return whether a board has reported that it cannot open its WebSocket."""
    return bool(_reported_value(board, "fallback"))


def step_to_show(board: str) -> int | None:
    """Return the step to look back at on a board without a socket; None for the newest step."""
    step = _reported_value(board, "at")
    return step if isinstance(step, int) else None


def callbacks(board: str, handlers: Mapping[str, Handler]) -> dict[str, Callable[[], None]]:
    """Return the callbacks of a board, by the name of the value that it reports.

    Args:
        board: the key of the board.
        handlers: functions by the name of the value. They are called with a new value before the script of the page
            runs. A value without a handler only causes a script run.
    """
    return {name: partial(_call_handler, board, name, handlers.get(name)) for name in REPORTED_VALUES}


def _call_handler(board: str, name: str, handler: Handler | None) -> None:
    value = _reported_value(board, name)
    if handler is not None and value is not None:
        handler(value)


def _reported_value(board: str, name: str) -> Any:
    return st.session_state.get(board, {}).get(name)
