"""The values that a board has reported to its page. Streamlit stores them under the key of the board."""

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
        handlers: functions by the name of the value. They are called with a new value before the script of the page
            runs. A value without a handler only causes a script run.
    """
    return {name: partial(_call_handler, board_key, name, handlers.get(name)) for name in REPORTED_VALUES}


def _call_handler(board_key: str, name: str, handler: Handler | None) -> None:
    value = _reported_value(board_key, name)
    if handler is not None and value is not None:
        handler(value)


def _reported_value(board_key: str, name: str) -> Any:
    return st.session_state.get(board_key, {}).get(name)
