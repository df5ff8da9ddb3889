"""Lines, bands and figures that the static charts share."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from numpy import ndarray as Array

from dashboard.charts import style
from dashboard.charts.escaping import for_plotly
from dashboard.charts.overlays.looks import Look
from dashboard.charts.palette import OUTLINE, Palette


def line(name: str, look: Look, palette: Palette, x: Array, y: Array, hover: str) -> list[go.Scatter]:
    """Return a run's line, and the dark edge below it if its colour needs one."""
    found = []
    if look.outlined:
        found.append(_scatter(x, y, {"color": OUTLINE, "width": 4.5}, hoverinfo="skip", showlegend=False))
    stroke = {"color": look.colour(palette), "width": 2, "dash": look.dash}
    found.append(_scatter(x, y, stroke, name=for_plotly(name), hovertemplate=hover))
    return found


def band(look: Look, palette: Palette, x: Array, low: Array, high: Array) -> list[go.Scatter]:
    """Return the filled area between two lines."""
    none = {"width": 0}
    return [
        _scatter(x, low, none, hoverinfo="skip", showlegend=False),
        _scatter(x, high, none, hoverinfo="skip", showlegend=False, fill="tonexty", fillcolor=look.area(palette)),
    ]


def figure(palette: Palette, traces: list[Any], **axes: Any) -> go.Figure:
    """Return a figure in the common style, high enough for its legend."""
    found = style.figure(palette, traces, **axes)
    found.update_layout(height=HEIGHT, margin={"l": 56, "r": 16, "t": 36, "b": 44}, legend={"traceorder": "normal"})
    return found


HEIGHT = 380  # pixels: a figure and its text fit on a screen of 720 lines


def _scatter(x: Array, y: Array, stroke: dict[str, Any], **more: Any) -> go.Scatter:
    return go.Scatter(x=x, y=y, mode="lines", line=stroke, **more)
