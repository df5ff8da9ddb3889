"""The board of a page: fed by its live socket, or by the page where the socket cannot be opened."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.live.board import feed, mount
from dashboard.live.contents import Contents
from dashboard.live.hub import the_hub
from dashboard.live.watched import Watched
from dashboard.state import board_state
from dashboard.state.board_state import Handler

POLL = 0.5  # seconds between two frames where the live socket cannot be opened


def show(
    board: str, watched: Watched | None, contents: Contents, *, page_version: str, handlers: Mapping[str, Handler]
) -> None:
    """Show a board.

    Args:
        board: its key in `board_state`.
        watched: what it watches; None for a board that waits for a run.
        page_version: of `watched`, read before the page was made: a later change makes the page again.
        handlers: what to do with the values that the board sets; see `board_state.callbacks`.
    """
    polling = watched is not None and board_state.socket_failed(board)
    on_change = board_state.callbacks(board, handlers)
    mount(board, watched, contents, page_version=page_version, polling=polling, on_change=on_change)

    @st.fragment(run_every=POLL, key=f"{board}_frames")
    def frames() -> None:
        if watched is not None:
            feed(watched, polled(watched, contents.names, board_state.shown_step(board)))

    if polling:
        frames()


def polled(watched: Watched, panels: list[str], step: int | None) -> str | None:
    """Return a frame for a page that polls.

    Args:
        panels: by name. step: the one that it looks back at; None for the newest step.
    """
    hub = the_hub()
    hub.seen_by_polling(watched, 2 * POLL, panels)
    return hub.frame(watched, {}, panels) if step is None else hub.past_frame(watched, step, panels)
