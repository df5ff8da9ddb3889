"""The common style of all charts, and the encoding of their arrays."""

from __future__ import annotations

import math
from base64 import b64encode
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.palette import TRANSPARENT, Palette
from engine.runs.history.series import Series

FONT = "'Source Sans', 'Helvetica Neue', sans-serif"  # Streamlit's font, which the page has already loaded
EPOCH = "epoch"  # name of an axis of epochs
LABEL_ROOM = 0.19  # share of the epochs right of the last one, for the names of the lines
MAX_EPOCH_TICKS = 6
FLAG_HEIGHT = 14  # pixels above a chart over epochs, for the flags of `marks`
_PLOTLY_DTYPES = {"float32": "f4", "uint8": "u1", "int32": "i4"}


def encode_array(array: np.ndarray) -> Any:
    """Return an array in the format of plotly.js: raw bytes in base64, a third of the size of decimal digits."""
    array = np.ascontiguousarray(array, dtype=np.float32 if array.dtype.kind == "f" else array.dtype)
    spec: dict[str, Any] = {
        "dtype": _PLOTLY_DTYPES[str(array.dtype)],
        "bdata": b64encode(array.tobytes()).decode("ascii"),
    }
    if array.ndim == 2:
        spec["shape"] = f"{array.shape[0]}, {array.shape[1]}"
    return spec if array.size else []


def encode_bits(mask: np.ndarray) -> Any:
    """Return a matrix of 0 and 1 with one bit per element; the board unpacks it into numbers."""
    return {
        "dtype": "bits",
        "bdata": b64encode(np.packbits(np.ascontiguousarray(mask, dtype=bool).ravel()).tobytes()).decode("ascii"),
        "shape": f"{mask.shape[0]}, {mask.shape[1]}",
    }


MAX_LINE_POINTS = 400  # the book's 400 epochs stay exact, and a panel is only a little wider in pixels


def line_data(series: Series, scale: float = 1.0, max_points: int = MAX_LINE_POINTS) -> dict[str, Any]:
    """Return a series as x and y of a trace, with at most `max_points` + 2 points."""
    x, y = downsample(*series.line(), max_points)
    return {"x": encode_array(x), "y": encode_array(scale * y)}


def downsample(x: np.ndarray, y: np.ndarray, max_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a line with fewer points that keeps the extremes.

    The line is divided into groups of 4, 8, 16 … points, counted from the first point. The lowest and the highest
    point of each group are kept. Therefore the beginning stays the same while a line grows, and only its new end is
    sent.

    Args:
        x, y: (k,), with rising x.
        max_points: at most `max_points` + 2 points are returned.
    """
    if len(y) <= max_points:
        return x, y
    group_size = 4
    while 2 * -(-len(y) // group_size) > max_points:
        group_size *= 2
    starts = np.arange(0, len(y), group_size)[:, None]
    group_indices = np.minimum(starts + np.arange(group_size), len(y) - 1)
    lowest_indices = np.argmin(np.where(np.isnan(y), np.inf, y)[group_indices], axis=1)
    highest_indices = np.argmax(np.where(np.isnan(y), -np.inf, y)[group_indices], axis=1)
    extreme_indices = np.minimum(
        starts + np.sort(np.stack([lowest_indices, highest_indices], axis=1), axis=1), len(y) - 1
    )
    selected_indices = np.concatenate([[0], extreme_indices.ravel(), [len(y) - 1]])
    return x[selected_indices], y[selected_indices]


def point_data(x: list[float], y: list[float]) -> dict[str, Any]:
    """Return a few points as x and y of a trace."""
    return {"x": encode_array(np.array(x, np.float32)), "y": encode_array(np.array(y, np.float32))}


def figure(palette: Palette, traces: list[Any], *, x: dict[str, Any], y: dict[str, Any], **layout: Any) -> go.Figure:
    """Return a figure in the common style: transparent, with a thin grid, and as little as possible around the plot.

    Args:
        palette: the colours. traces: of the figure.
        x, y: the axes. A title of `x` takes a line below its numbers; the name of `named_axis` takes none.
        layout: further attributes of the layout.
    """
    axis = {
        "gridcolor": palette.grid,
        "linecolor": palette.grid,
        "zeroline": False,
        "ticks": "",
        "automargin": False,
        "tickfont": {"color": palette.muted, "size": 12},
        "title_font": {"color": palette.muted, "size": 12},
        "title_standoff": 2,
    }
    return go.Figure(
        data=traces,
        layout={
            "template": None,
            "paper_bgcolor": TRANSPARENT,
            "plot_bgcolor": TRANSPARENT,
            "font": {"color": palette.text, "size": 12, "family": FONT},
            "margin": {"l": 46, "r": 8, "t": FLAG_HEIGHT if _is_in_epochs(x) else 6, "b": 36 if "title" in x else 20},
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
            "hoverlabel": {
                "font": {"size": 12, "color": palette.text},
                "bgcolor": palette.zero,
                "bordercolor": palette.grid,
            },
            "xaxis": {**axis, **x},
            "yaxis": {**axis, **y},
            **layout,
        },
    )


def hollow_circle(name: str, palette: Palette, hover: str) -> go.Scatter:
    """Return an empty trace for a hollow circle on the validation curve, such as at the best epoch."""
    return go.Scatter(
        name=name,
        mode="markers",
        x=[],
        y=[],
        marker={"symbol": "circle-open", "size": 9, "color": palette.validation, "line": {"width": 2}},
        hovertemplate=hover,
        showlegend=False,
    )


def named_axis(name: str, **attributes: Any) -> dict[str, Any]:
    """Return an axis whose first number follows its name, such as "epoch 0", because a title takes a line."""
    return {"tickprefix": f"{name} ", "showtickprefix": "first", "tickangle": 0, **attributes}


def epoch_axis(epochs: int, label_room: float = 0.0) -> dict[str, Any]:
    """Return an axis over all epochs, which does not move while a run trains.

    Args:
        epochs: the number of epochs. label_room: share of the epochs right of the last one, without numbers.
    """
    return named_axis(
        EPOCH,
        range=[0, epochs * (1 + label_room)],
        hoverformat="d",
        # not left to Plotly.js, which takes the text of a tick at exactly this tick: "20" instead of "epoch 20"
        unifiedhovertitle={"text": f"{EPOCH} %{{x:d}}"},
        **(_epoch_ticks(epochs) if label_room else {}),
    )


def _epoch_ticks(epochs: int) -> dict[str, Any]:
    """Return at most `MAX_EPOCH_TICKS` round numbers from 0 to the number of epochs, as ticks of an axis."""
    power = 10 ** max(0, math.floor(math.log10(max(1, epochs))) - 1)
    steps = (factor * power for factor in (1, 2, 5, 10, 20, 50))
    step = next(step for step in steps if epochs // step < MAX_EPOCH_TICKS)
    ticks = range(0, epochs + 1, step)
    return {"tickvals": list(ticks), "ticktext": [f"{EPOCH} {tick}" if tick == 0 else str(tick) for tick in ticks]}


def cursor_group_of(figure: go.Figure | None) -> str:
    """Return the name of the group of charts that share a cursor; "" if the x axis is not in epochs."""
    return EPOCH if figure is not None and _is_in_epochs(figure.layout.xaxis.to_plotly_json()) else ""


def _is_in_epochs(axis: dict[str, Any]) -> bool:
    return bool(axis.get("tickprefix") == f"{EPOCH} ")
