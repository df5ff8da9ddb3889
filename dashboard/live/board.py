"""The board: a Streamlit component that mounts its charts once and then updates them in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import count
from typing import Any

import streamlit as st

from dashboard.charts.palette import interface_colours
from dashboard.live import keys
from dashboard.live.contents import Contents
from dashboard.live.routes import asset_url, socket_url
from dashboard.live.watched import Watched

# Streamlit sends inline JavaScript with every script run, so this code only imports the module of the board.
_LOADER_JS = """
export default function (component) {
  const slot = component.parentElement;
  slot.regscope = component;
  import(new URL(component.data.module, document.baseURI).href).then((board) => board.render(slot));
  return () => slot.regscopeClose?.();
}
"""

# Passes frames to the board of a page without a socket. It is a separate component because it must be in a fragment
# and the board must not (docs/decisions/0003-board-outside-fragments.md).
_FEEDER_JS = """
export default function ({ data }) {
  import(new URL(data.module, document.baseURI).href).then((board) => board.feed(data.run, data.frame));
}
"""

# The values that the board sets. Each change causes a script run of the whole page.
# page: the newest `page_version`; set only if it differs from the `page_version` of the page.
# requests: those of the user, see `REQUESTS`: {"board": an id, "list": [[number, name, value], …]}, the newest
#     last. Each must be executed once; the list may be sent again until the board has `executed`.
# fallback: True if the live socket cannot be opened.
# at: the step to look back at; None for live.
REPORTED_VALUES = ("page", "requests", "fallback", "at")
# order: a command of the page (`keys.PAGE_COMMANDS`), or a `messages.Order` for the page to execute, because there is
#     no socket or no run that trains.
# fork: the step to fork the run at.
# layout: the layout that the browser has stored.
# weight: the weight for the tug of war: layer, row and column.
REQUESTS = ("order", "fork", "layout", "weight")


# Streamlit passes only changed data. A frame without a change must arrive too, as a sign that the server answers.
_frame_numbers = count()


@lru_cache
def _board_component() -> Callable[..., Any]:
    css = files("dashboard.live").joinpath("assets", "board.css").read_text()
    return st.components.v2.component("regscope_board", css=css, js=_LOADER_JS, isolate_styles=False)


@lru_cache
def _feeder_component() -> Callable[..., Any]:
    return st.components.v2.component("regscope_feeder", js=_FEEDER_JS, isolate_styles=False)


def mount_board(
    key: str,
    watched: Watched | None,
    contents: Contents,
    *,
    page_version: str,
    polling: bool,
    executed: Mapping[str, int],
    on_change: Mapping[str, Callable[[], None]],
) -> None:
    """Show a board.

    Args:
        key: the key of the component.
        watched: a run or a group; None for a board without a run.
        contents: the initial contents.
        page_version: `Watched.page_version` when the page was built; "" without a run.
        polling: True if the page must call `feed_board` because the live socket cannot be opened.
        executed: the number of the last executed request, by the id of a board in the browser.
        on_change: a callback for each name in `REPORTED_VALUES`, called after the board has set that value.
    """
    _board_component()(
        key=key,
        data={
            "module": asset_url("board.js"),
            "plotly": asset_url("plotly.js"),
            "colours": interface_colours(),
            "socket": socket_url(watched) if watched else None,
            "run": watched.id if watched else None,
            "subject": watched.runs[0].id if watched else None,  # of the timeline; another ghost does not change it
            "page": page_version,
            "polling": polling,
            "executed": dict(executed),
            "keys": keys.mount_data(),
            **contents.mount_data(),
        },
        default={"requests": None, "fallback": False, "at": None},
        **{f"on_{name}_change": on_change[name] for name in REPORTED_VALUES},
    )


def feed_board(watched: Watched, frame: str | None) -> None:
    """Pass a frame to the board of a page without a live socket; do nothing if the frame is None."""
    if frame is not None:
        _feeder_component()(
            key="feeder",
            data={"module": asset_url("board.js"), "run": watched.id, "frame": frame, "number": next(_frame_numbers)},
        )
