"""Dropout on each mini-batch: a ribbon of the true masks, one column an update."""

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
    if (why := nothing_to_drop(config, "every neuron trains on every mini-batch")) is not None:
        return why
    text = "One column a mini-batch: filled neurons trained, holes sat out."
    every = -(-sum(config.hidden) // RIBBON_NEURONS)
    return text if every == 1 else f"A column a mini-batch, holes sat out; 1 neuron in {every} is shown."


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
                xgap=1 if total <= 20 else 0,  # without gaps it is drawn as one picture, several times as fast
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
    ribbon = telemetry.views.get("ribbon")
    if "ribbon" not in telemetry.views:
        return Update([])
    if ribbon is None:  # before the first mini-batch; who looks back to the start must not see the masks of later
        return Update([{"z": [], "x0": 1}], {"xaxis.range": [0.5, RIBBON_STEPS + 0.5]})
    last = ribbon.first + ribbon.kept.shape[1] - 1
    right = max(last, RIBBON_STEPS)
    newest = ribbon.kept[:, -1]
    return Update(
        [{"z": _matrix(config, ribbon.kept), "x0": ribbon.first}],
        {"xaxis.range": [right - RIBBON_STEPS + 0.5, right + 0.5]},
        f"Mini-batch {numbers.count(last)}: {int((newest == 0).sum())} of {len(newest)} neurons shown were dropped.",
    )


def _by_example(config: RunConfig) -> bool:
    """Whether a neuron may train on some of a mini-batch's examples only."""
    return config.dropout_mask == "example"


def _matrix(config: RunConfig, kept: np.ndarray) -> Any:
    """Percentages of a mini-batch's examples, or one bit each where it is all or none of them."""
    return style.typed(kept) if _by_example(config) or not kept.size else style.bits(kept > 0)
