"""The common style of all charts, and the encoding of their arrays."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.palette import TRANSPARENT, Palette
from engine.runs.history.series import Series

FONT = "'Source Sans', 'Helvetica Neue', sans-serif"  # Streamlit's own, which the page has anyway
EPOCH = "epoch"  # the title of an axis of epochs
_SHORT = {"float32": "f4", "uint8": "u1", "int32": "i4"}


def typed(array: np.ndarray) -> Any:
    """Return an array as plotly.js reads it: raw bytes in base64, a third of the size of digits."""
    array = np.ascontiguousarray(array, dtype=np.float32 if array.dtype.kind == "f" else array.dtype)
    spec: dict[str, Any] = {"dtype": _SHORT[str(array.dtype)], "bdata": b64encode(array.tobytes()).decode("ascii")}
    if array.ndim == 2:
        spec["shape"] = f"{array.shape[0]}, {array.shape[1]}"
    return spec if array.size else []


def bits(mask: np.ndarray) -> Any:
    """Return a matrix of 0 and 1 with one bit for each; the board unpacks it into numbers."""
    return {
        "dtype": "bits",
        "bdata": b64encode(np.packbits(np.ascontiguousarray(mask, dtype=bool).ravel()).tobytes()).decode("ascii"),
        "shape": f"{mask.shape[0]}, {mask.shape[1]}",
    }


MAX_POINTS = 400  # of a line: the book's 400 epochs stay exact, and a panel has few more pixels


def line(series: Series, scale: float = 1.0, max_points: int = MAX_POINTS) -> dict[str, Any]:
    """Return a series as x and y of a trace, with at most `max_points` + 2 points."""
    x, y = thinned(*series.line(), max_points)
    return {"x": typed(x), "y": typed(scale * y)}


def thinned(x: np.ndarray, y: np.ndarray, max_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a line with fewer points that keeps the extremes.

    The line is divided into groups of 4, 8, 16 … points, counted from the first one, and the lowest and the highest
    point of each group are kept. So the beginning stays the same while a line grows, and only its new end is sent.

    Args:
        x, y: (k,), with rising x.
        max_points: at most two points more are returned.
    """
    if len(y) <= max_points:
        return x, y
    size = 4
    while 2 * -(-len(y) // size) > max_points:
        size *= 2
    starts = np.arange(0, len(y), size)[:, None]
    among = np.minimum(starts + np.arange(size), len(y) - 1)
    low = np.argmin(np.where(np.isnan(y), np.inf, y)[among], axis=1)
    high = np.argmax(np.where(np.isnan(y), -np.inf, y)[among], axis=1)
    between = np.minimum(starts + np.sort(np.stack([low, high], axis=1), axis=1), len(y) - 1)
    at = np.concatenate([[0], between.ravel(), [len(y) - 1]])
    return x[at], y[at]


def points(x: list[float], y: list[float]) -> dict[str, Any]:
    """Return a few points as x and y of a trace."""
    return {"x": typed(np.array(x, np.float32)), "y": typed(np.array(y, np.float32))}


def figure(palette: Palette, traces: list[Any], *, x: dict[str, Any], y: dict[str, Any], **layout: Any) -> go.Figure:
    """Return a figure in the common style: transparent, with a thin grid and the legend above the plot."""
    axis = {
        "gridcolor": palette.grid,
        "linecolor": palette.grid,
        "zeroline": False,
        "ticks": "",
        "automargin": False,
        "tickfont": {"color": palette.muted, "size": 12},
        "title_font": {"color": palette.muted, "size": 12},
        "title_standoff": 6,
    }
    return go.Figure(
        data=traces,
        layout={
            "template": None,
            "paper_bgcolor": TRANSPARENT,
            "plot_bgcolor": TRANSPARENT,
            "font": {"color": palette.text, "size": 12, "family": FONT},
            "margin": {"l": 52, "r": 12, "t": 22, "b": 40},
            "showlegend": True,
            "legend": {
                "orientation": "h",
                "x": 1,
                "xanchor": "right",
                "y": 1,
                "yanchor": "bottom",
                "bgcolor": TRANSPARENT,
                "font": {"size": 12, "color": palette.text},
            },
            "hovermode": "x unified",
            # opaque: the label must be readable over lines
            "hoverlabel": {"font": {"size": 12}, "bgcolor": palette.zero, "bordercolor": palette.grid},
            "xaxis": {**axis, **x},
            "yaxis": {**axis, **y},
            **layout,
        },
    )


def ring(name: str, palette: Palette, hover: str) -> go.Scatter:
    """Return an empty trace for a hollow circle on the validation curve, as at its best epoch."""
    return go.Scatter(
        name=name,
        mode="markers",
        x=[],
        y=[],
        marker={"symbol": "circle-open", "size": 9, "color": palette.validation, "line": {"width": 2}},
        hovertemplate=hover,
        showlegend=False,
    )


def epoch_axis(epochs: int) -> dict[str, Any]:
    """Return an axis that shows all epochs from the start, so that it does not move while a run trains."""
    return {"title": {"text": EPOCH}, "range": [0, epochs], "hoverformat": "d"}


def cursor_of(figure: go.Figure | None) -> str:
    """Return the group of charts that share one cursor; "" for a chart whose x axis is not in epochs."""
    return EPOCH if figure is not None and figure.layout.xaxis.title.text == EPOCH else ""
