"""The values that a board has reported to its page, in session state under the component's key."""

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
    """Return the step that a board without a socket shows, or None for the newest."""
    step = _reported_value(board, "at")
    return step if isinstance(step, int) else None


def callbacks(board: str, handlers: Mapping[str, Handler]) -> dict[str, Callable[[], None]]:
    """Return the callbacks of a board, by the name of the value that it reports.

    Args:
        board: its key.
        handlers: by the value's name; called with a new value before the page is created. A value that the page
            reads itself, or that only causes a script run, needs no handler.
    """
    return {name: partial(_call_handler, board, name, handlers.get(name)) for name in REPORTED_VALUES}


def _call_handler(board: str, name: str, handler: Handler | None) -> None:
    value = _reported_value(board, name)
    if handler is not None and value is not None:
        handler(value)


def _reported_value(board: str, name: str) -> Any:
    return st.session_state.get(board, {}).get(name)
