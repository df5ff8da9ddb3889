"""The board: a component that mounts Plotly once and renews its charts in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import streamlit as st

from dashboard.charts.palette import interface_colours
from dashboard.live.contents import Contents
from dashboard.live.routes import asset_url, socket_url
from dashboard.live.watched import Watched

# Inline JavaScript travels with every script run: this only fetches the board's module, once.
_LOADER = """
export default function (component) {
  const slot = component.parentElement;
  slot.regscope = component;
  import(new URL(component.data.module, document.baseURI).href).then((board) => board.render(slot));
  return () => slot.regscopeClose?.();
}
"""

# The component that brings frames to the board of a page without a socket. It is one of its own because it stands in a
# fragment, and the board must not (docs/decisions/0003-board-outside-fragments.md).
_FEEDER = """
export default function ({ data }) {
  import(new URL(data.module, document.baseURI).href).then((board) => board.feed(data.run, data.frame));
}
"""

# The values that the board sets, each with a script run of the whole page:
# page: what the page was made from has changed.
# order: one of `messages.Order` that the page must give, since there is no socket or no run.
# fork: the step from which a person wants to fork the run.
# layout: the layout that this browser has kept.
# fallback: whether the live socket cannot be opened here.
# at: the step that a person looks back at, else None.
VALUES = ("page", "order", "fork", "layout", "fallback", "at")


@lru_cache
def _component() -> Callable[..., Any]:
    css = files("dashboard.live").joinpath("assets", "board.css").read_text()
    return st.components.v2.component("regscope_board", css=css, js=_LOADER, isolate_styles=False)


@lru_cache
def _feeder() -> Callable[..., Any]:
    return st.components.v2.component("regscope_feeder", js=_FEEDER, isolate_styles=False)


def mount(
    key: str,
    watched: Watched | None,
    contents: Contents,
    *,
    page_version: str,
    polling: bool,
    on_change: Mapping[str, Callable[[], None]],
) -> None:
    """Show a board.

    Args:
        key: the component's.
        watched: what it watches; None for a board that waits for a run.
        page_version: `Watched.page_version` when the page around the board was made, "" without a run.
        polling: whether frames come through `feed`, since the live socket cannot be opened.
        on_change: called when the board sets one of `VALUES`, by its name; all must be there.
    """
    _component()(
        key=key,
        data={
            "module": asset_url("board.js"),
            "plotly": asset_url("plotly.js"),
            "colours": interface_colours(),
            "socket": socket_url(watched) if watched else None,
            "run": watched.id if watched else None,
            "page": page_version,
            "polling": polling,
            **contents.mount_data(),
        },
        default={"fallback": False, "at": None},
        **{f"on_{name}_change": on_change[name] for name in VALUES},
    )


def feed(watched: Watched, frame: str | None) -> None:
    """Bring a frame, if there is one, to the board of a page whose live socket cannot be opened."""
    if frame is not None:
        _feeder()(key="feeder", data={"module": asset_url("board.js"), "run": watched.id, "frame": frame})
