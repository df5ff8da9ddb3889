"""Lines, bands and the figure style that all static charts use."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from numpy import ndarray as Array

from dashboard.charts import style
from dashboard.charts.escaping import escape_plotly
from dashboard.charts.overlays.line_styles import LineStyle
from dashboard.charts.palette import OUTLINE, Palette


def line_traces(name: str, line_style: LineStyle, palette: Palette, x: Array, y: Array, hover: str) -> list[go.Scatter]:
    """Return the traces of a run's line: a dark outline if the line style has one, then the line."""
    traces = []
    if line_style.outlined:
        traces.append(_line_trace(x, y, {"color": OUTLINE, "width": 4.5}, hoverinfo="skip", showlegend=False))
    plotly_line = {"color": line_style.colour(palette), "width": 2, "dash": line_style.dash}
    traces.append(_line_trace(x, y, plotly_line, name=escape_plotly(name), hovertemplate=hover))
    return traces


def band_traces(line_style: LineStyle, palette: Palette, x: Array, low: Array, high: Array) -> list[go.Scatter]:
    """Return the traces of the filled area between two lines."""
    no_line = {"width": 0}
    return [
        _line_trace(x, low, no_line, hoverinfo="skip", showlegend=False),
        _line_trace(
            x, high, no_line, hoverinfo="skip", showlegend=False, fill="tonexty", fillcolor=line_style.area(palette)
        ),
    ]


def static_figure(palette: Palette, traces: list[Any], **axes: Any) -> go.Figure:
    """Return a figure in the common style, with a height for `st.plotly_chart`."""
    figure = style.figure(palette, traces, **axes)
    figure.update_layout(
        height=FIGURE_HEIGHT, margin={"l": 56, "r": 16, "t": 36, "b": 44}, legend={"traceorder": "normal"}
    )
    return figure


FIGURE_HEIGHT = 380  # pixels: a figure and its text fit on a screen that is 720 pixels high


def _line_trace(x: Array, y: Array, plotly_line: dict[str, Any], **attributes: Any) -> go.Scatter:
    return go.Scatter(x=x, y=y, mode="lines", line=plotly_line, **attributes)
