"""What a board has reported to its page: values under the component's key in session state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboard.live.board import VALUES

# The keys of the boards, one for each page that has one.
TRAIN = "board"
COMPARE = "versus"

Handler = Callable[[Any], None]


def socket_failed(board: str) -> bool:
    """Whether a board has reported that its live socket cannot be opened here."""
    return bool(_value(board, "fallback"))


def looks_back_at(board: str) -> int | None:
    """Return the step that a board without a socket shows; None for the newest."""
    at = _value(board, "at")
    return at if isinstance(at, int) else None


def callbacks(board: str, handlers: Mapping[str, Handler]) -> dict[str, Callable[[], None]]:
    """Return the callbacks of a board, by the name of the value that it sets.

    Args:
        board: its key.
        handlers: called with a new value before the page is made, by the value's name. The page needs none for a
            value that it reads while it is made, or that only causes a script run.
    """
    return {name: partial(_call, board, name, handlers.get(name)) for name in VALUES}


def _call(board: str, name: str, handler: Handler | None) -> None:
    value = _value(board, name)
    if handler is not None and value is not None:
        handler(value)


def _value(board: str, name: str) -> Any:
    return st.session_state.get(board, {}).get(name)
