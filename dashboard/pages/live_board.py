"""The board of a page. Frames come through a live socket, or from the page if the socket cannot be opened."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.live.board import feed_board, mount_board
from dashboard.live.contents import Contents
from dashboard.live.hub import get_hub
from dashboard.live.watched import Watched
from dashboard.state import board_state
from dashboard.state.board_state import Handler

POLL_INTERVAL = 0.5  # seconds between two frames without a live socket


def show(
    board: str, watched: Watched | None, contents: Contents, *, page_version: str, handlers: Mapping[str, Handler]
) -> None:
    """Show a board.

    Args:
        board: the key of the board in `board_state`.
        watched: the run or runs on the board; None for a board without a run.
        contents: the initial contents of the board.
        page_version: the `page_version` of `watched` before the page was drawn; another version reruns the page.
        handlers: functions for the values that the board sets; see `board_state.callbacks`.
    """
    polling = watched is not None and board_state.socket_failed(board)
    on_change = board_state.callbacks(board, handlers)
    executed = board_state.executed_requests()
    mount_board(
        board, watched, contents, page_version=page_version, polling=polling, executed=executed, on_change=on_change
    )

    @st.fragment(run_every=POLL_INTERVAL, key=f"{board}_frames")
    def send_frame() -> None:
        if watched is not None:
            feed_board(watched, polled_frame(watched, contents.panel_names, board_state.step_to_show(board)))

    if polling:
        send_frame()


def polled_frame(watched: Watched, panels: list[str], step: int | None) -> str | None:
    """Return a frame for a page that polls.

    Args:
        watched: the run or runs on the board.
        panels: the names of the panels.
        step: the step to look back at; None for the newest one.
    """
    hub = get_hub()
    hub.register_polling_viewer(watched, 2 * POLL_INTERVAL, panels)
    return hub.live_frame(watched, {}, panels) if step is None else hub.past_frame(watched, step, panels)
