"""The ghost: another run in grey behind the curves of the run on the board.

A panel with a ghost has empty traces for it at the end of its figure, so that the numbers of its other traces do not
depend on the ghost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from dashboard.charts.palette import Palette

BEHIND = -1  # `zorder` of the traces: behind the curves of the run


@dataclass(frozen=True)
class Ghost:
    """The current data of a ghost in one panel.

    Attributes:
        traces: the attributes to replace, such as x and y, by the number of the trace. `name` is that of the quantity.
        layout: layout attributes by dotted name. A range is extended, so that both runs are visible.
    """

    traces: Mapping[int, dict[str, Any]]
    layout: Mapping[str, Any] = field(default_factory=dict)


def ghost_line(name: str, palette: Palette, dash: str = "solid", **attributes: Any) -> go.Scatter:
    """Return the empty line of a ghost.

    Args:
        name: the name of the quantity; the name of the ghost is added when its data come. palette: the colours.
        dash: as that of the curve of the run. attributes: of the trace.
    """
    line = {"color": palette.ghost, "width": 1.5, "dash": dash, **attributes.pop("line", {})}
    trace = {"mode": "lines", "x": [], "y": [], "zorder": BEHIND, "showlegend": False, **attributes}
    return go.Scatter(name=name, line=line, **trace)


def with_ghost(body: dict[str, Any], ghost: Ghost, name: str, short_name: str) -> dict[str, Any]:
    """Return the body of a panel with the data of a ghost.

    Args:
        body: of the run. ghost: its first trace gets an entry in the legend.
        name, short_name: of the ghost, such as "without a regularizer" in the legend and "without" in hover labels.
    """
    traces = [*body["traces"], *({} for _ in range(max(ghost.traces, default=-1) + 1 - len(body["traces"])))]
    for i, (number, trace) in enumerate(ghost.traces.items()):
        traces[number] = {**trace, "name": f"{trace['name']}, {short_name}" if i else name, "showlegend": i == 0}
    layout = dict(body["layout"])
    for path, value in ghost.layout.items():
        layout[path] = _union(layout[path], value) if path.endswith(".range") and path in layout else value
    return {**body, "traces": traces, "layout": layout}


def _union(first: list[float], second: list[float]) -> list[float]:
    """Return a range that contains two ranges."""
    return [min(first[0], second[0]), max(first[1], second[1])]
