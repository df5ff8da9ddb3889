"""Dropout on each mini-batch: the masks of the newest updates, one column each."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import TRANSPARENT, Palette
from dashboard.charts.panels.no_dropout import nothing_to_drop
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.extracts.ribbon import RIBBON_NEURONS, RIBBON_STEPS
from engine.runs.history.telemetry import Telemetry


def look(config: RunConfig) -> str:
    if (why := nothing_to_drop(config, "every hidden neuron trains on every mini-batch")) is not None:
        return why
    text = "One column is one mini-batch. Filled neurons trained, holes were dropped."
    every = -(-sum(config.hidden) // RIBBON_NEURONS)
    return text if every == 1 else f"One column is one mini-batch, holes were dropped; 1 neuron in {every} is shown."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    every = max(1, -(-sum(config.hidden) // RIBBON_NEURONS))
    rows = [len(range(0, width, every)) for width in config.hidden]
    total = sum(rows)
    boundaries = np.cumsum(rows)[:-1] + 0.5
    return style.figure(
        palette,
        [
            go.Heatmap(
                z=[],
                x0=1,
                dx=1,
                y0=1,
                dy=1,
                zmin=0,
                zmax=100 if _by_example(config) else 1,
                colorscale=[[0, TRANSPARENT], [1, palette.neuron]],
                showscale=False,
                xgap=1 if total <= 20 else 0,  # without gaps Plotly draws a single image, which is several times faster
                ygap=1 if total <= 20 else 0,
                hovertemplate="mini-batch %{x}, neuron %{y}: "
                + ("kept for %{z} % of its examples" if _by_example(config) else "kept %{z}")
                + "<extra></extra>",
            )
        ],
        x={
            "title": {"text": "mini-batch, the newest at the right"},
            "range": [0.5, RIBBON_STEPS + 0.5],
            "showgrid": False,
            "tickformat": "d",
        },
        y={
            "title": {"text": "hidden neuron"},
            "range": [0.5, max(total, 1) + 0.5],
            "showgrid": False,
            "tickformat": "d",
        },
        showlegend=False,
        margin={"l": 52, "r": 12, "t": 8, "b": 40},
        hovermode="closest",
        shapes=[
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": y,
                "y1": y,
                "line": {"color": palette.text, "width": 1},
            }
            for y in boundaries
        ],
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    ribbon = telemetry.extracts.get("ribbon")
    if "ribbon" not in telemetry.extracts:
        return Update([])
    if ribbon is None:  # the timeline is before the first mini-batch: clear the masks shown until now
        return Update([{"z": [], "x0": 1}], {"xaxis.range": [0.5, RIBBON_STEPS + 0.5]})
    last = ribbon.first_step + ribbon.kept_percentages.shape[1] - 1
    right = max(last, RIBBON_STEPS)
    newest = ribbon.kept_percentages[:, -1]
    dropped = int((newest == 0).sum())
    text = f"Mini-batch {numbers.count(last)}: {dropped} of {len(newest)} neurons shown were dropped."
    return Update(
        [{"z": _matrix(config, ribbon.kept_percentages), "x0": ribbon.first_step}],
        {"xaxis.range": [right - RIBBON_STEPS + 0.5, right + 0.5]},
        text if config.hidden else "",
    )


def _by_example(config: RunConfig) -> bool:
    """Return True if each example has a mask of its own."""
    return config.dropout_mask == "example"


def _matrix(config: RunConfig, kept: np.ndarray) -> Any:
    """Return the percentage of examples kept, or bits if all examples share one mask."""
    return style.typed(kept) if _by_example(config) or not kept.size else style.bits(kept > 0)
