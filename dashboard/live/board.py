"""The board: a component that mounts Plotly once and renews it in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any

import streamlit as st

from dashboard.charts import figures, panels_of
from dashboard.charts.palette import interface_colours
from dashboard.charts.versus import VERSUS, Entrant, table
from dashboard.live.group import Group
from dashboard.live.routes import asset_url, socket_url
from dashboard.live.specs import spec_of
from dashboard.live.watched import Watched
from dashboard.session import BOARD, Layout
from engine import RunConfig
from engine.runs.run import Run

# Inline JavaScript travels with every script run: this only fetches the board's module, once.
_LOADER = """
export default function (component) {
  const slot = component.parentElement;
  slot.regscope = component;
  import(new URL(component.data.module, document.baseURI).href).then((board) => board.render(slot));
  return () => slot.regscopeClose?.();
}
"""

# What feeds the board of a page without a socket: a component of its own, as it stands in a fragment and the board must
# not (docs/decisions/0003-board-outside-fragments.md).
_FEEDER = """
export default function ({ data }) {
  import(new URL(data.module, document.baseURI).href).then((board) => board.feed(data.run, data.frame));
}
"""

SAID = ("page", "order", "fork", "layout", "fallback", "at")  # what the board says to the page
Told = Callable[[Any], None]

READY = "ready"  # no run yet


@lru_cache
def _component() -> Callable[..., Any]:
    css = files("dashboard.live").joinpath("assets", "board.css").read_text()
    return st.components.v2.component("regscope_board", css=css, js=_LOADER, isolate_styles=False)


@lru_cache
def _feeder() -> Callable[..., Any]:
    return st.components.v2.component("regscope_feeder", js=_FEEDER, isolate_styles=False)


@lru_cache(maxsize=8)  # a script run comes with every click; the figures change with config and layout
def _panels(config: RunConfig, layout: Layout) -> list[dict[str, Any]]:
    return [spec_of(panel, config) for panel in panels_of(config, layout.name, layout.panels)]


@lru_cache(maxsize=8)
def _overlays(entrants: tuple[Entrant, ...]) -> list[dict[str, Any]]:
    # the table above the panels says whose line is whose: a legend in each would say it six times more
    return [spec_of(overlay, entrants) | {"legend": False} for overlay in VERSUS.values()]


def board(
    run: Run | None, config: RunConfig, layout: Layout, *, made_from: str, polling: bool, told: Mapping[str, Told]
) -> None:
    """Show the board of a run, or an empty one that shows what `config` would fill.

    What it says to the page, each time with a script run of the whole page: `page`, that the run's state, or what was
    changed in it, is no longer what the page was made from; `fallback`, true when the live socket cannot be had; `at`,
    the step that is looked back at there, else None; and what `told` has a function for.

    Args:
        run: the run to watch. config: the run's in force, or the sidebar's while there is none.
        layout: which panels.
        made_from: what of the run the page around the board was made from, as `page_of` says it.
        polling: whether frames come through `feed`, as the live socket cannot be had.
        told: what to do, before the page is made, with an `order` that the page must give, as there is no socket or no
            run; with a `fork`, the step that a person wants to go on from; with a `layout`, the one that this browser
            kept.
    """
    _mount(
        BOARD,
        run,
        {
            "page": made_from,
            "state": run.state if run else READY,
            "figures": figures.line(config, None),
            "layout": {"name": layout.name, "panels": list(layout.panels), "asked": layout.asked},
            "panels": _panels(config, layout),
            "polling": polling,
        },
        told,
    )


def board_of(group: Group, key: str, *, made_from: str, polling: bool, told: Mapping[str, Told]) -> None:
    """Show the board of several runs: every panel has a line for each. It keeps no layout and forks nothing.

    Args:
        group: the runs. key: the component's. made_from, polling, told: as in `board`.
    """
    entrants = group.unknown()
    _mount(
        key,
        group,
        {
            "page": made_from,
            "state": group.state,
            "figures": [],
            "table": {"head": table.head(entrants), "swatches": table.swatches(entrants)},
            "layout": None,
            "panels": _overlays(entrants),
            "polling": polling,
        },
        told,
    )


def feed(watched: Watched, frame: str | None) -> None:
    """Hand a frame, where there is one, to the board of a page whose live socket cannot be had."""
    if frame is not None:
        _feeder()(key="feeder", data={"module": asset_url("board.js"), "run": watched.id, "frame": frame})


def _mount(key: str, watched: Watched | None, data: dict[str, Any], told: Mapping[str, Told]) -> None:
    """The component, with what it needs to know of what is watched."""

    def hear(name: str) -> None:
        value = st.session_state[key].get(name)
        if name in told and value is not None:
            told[name](value)

    _component()(
        key=key,
        data={
            "module": asset_url("board.js"),
            "plotly": asset_url("plotly.js"),
            "colours": interface_colours(),
            "socket": socket_url(watched) if watched else None,
            "run": watched.id if watched else None,
            **data,
        },
        default={"fallback": False, "at": None},
        **{f"on_{name}_change": partial(hear, name) for name in SAID},
    )
