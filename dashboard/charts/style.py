"""What all charts have in common, and how their arrays travel."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.palette import Palette
from engine.runs.series import Series

FONT = "'Source Sans', 'Helvetica Neue', sans-serif"  # Streamlit's own, which the page has anyway
_SHORT = {"float32": "f4", "uint8": "u1", "int32": "i4"}


def typed(array: np.ndarray) -> Any:
    """An array as plotly.js reads it: raw bytes in base64, a third of the size of digits."""
    array = np.ascontiguousarray(array, dtype=np.float32 if array.dtype.kind == "f" else array.dtype)
    spec: dict[str, Any] = {"dtype": _SHORT[str(array.dtype)], "bdata": b64encode(array.tobytes()).decode("ascii")}
    if array.ndim == 2:
        spec["shape"] = f"{array.shape[0]}, {array.shape[1]}"
    return spec if array.size else []


def bits(mask: np.ndarray) -> Any:
    """A matrix of 0 and 1, an eighth of a byte each: the board unpacks it into numbers."""
    return {
        "dtype": "bits",
        "bdata": b64encode(np.packbits(np.ascontiguousarray(mask, dtype=bool).ravel()).tobytes()).decode("ascii"),
        "shape": f"{mask.shape[0]}, {mask.shape[1]}",
    }


def line(series: Series, scale: float = 1.0) -> dict[str, Any]:
    """A series as x and y of a trace."""
    x, y = series.line()
    return {"x": typed(x), "y": typed(scale * y)}


def figure(palette: Palette, traces: list[Any], *, x: dict[str, Any], y: dict[str, Any], **layout: Any) -> go.Figure:
    """A figure in the house style: transparent, thin grid, the legend above the plot, where no line runs."""
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
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": palette.text, "size": 12, "family": FONT},
            "margin": {"l": 52, "r": 12, "t": 22, "b": 40},
            "showlegend": True,
            "legend": {
                "orientation": "h",
                "x": 1,
                "xanchor": "right",
                "y": 1,
                "yanchor": "bottom",
                "bgcolor": "rgba(0,0,0,0)",
                "font": {"size": 12, "color": palette.text},
            },
            "hovermode": "x unified",
            "hoverlabel": {"font": {"size": 12}},
            "xaxis": {**axis, **x},
            "yaxis": {**axis, **y},
            **layout,
        },
    )


def epoch_axis(epochs: int) -> dict[str, Any]:
    """An axis that shows the whole run from the start, so that nothing moves while it grows."""
    return {"title": {"text": "epoch"}, "range": [0, epochs], "hoverformat": "d"}
