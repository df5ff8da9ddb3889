"""The weights of each layer as a histogram."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from dashboard.charts.ghosts import Ghost, ghost_line
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.update import Update
from engine import RunConfig
from engine.families.penalties import penalty_of
from engine.learning.metrics import Histogram
from engine.runs.history.telemetry import Telemetry

GHOST_DASHES = ("solid", "3px,2px")  # of the layers of a ghost, which are all grey, in turn


def layer_names(config: RunConfig) -> list[str]:
    """Return the names of the layers of weights, from the first to the last."""
    hidden = (
        ["hidden layer"] if len(config.hidden) == 1 else [f"hidden layer {i + 1}" for i in range(len(config.hidden))]
    )
    return [*hidden, "output layer"]


def caption(config: RunConfig) -> str:
    return penalty_of(config, n=1).caption("weights", "Without a penalty the tails grow.")


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "The share of a layer's weights in each of the bins, in percent. Biases are not weights.",
        *penalty_of(config, n=1).explanations("weights"),
        measured.AT_STEP,
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    # an outline instead of bars: one path per layer is drawn five times faster
    traces = [
        go.Scatter(
            name=name,
            mode="lines",
            x0=0,
            dx=1,
            y=[],
            line={"color": palette.layers[i % 4], "width": 1.5, "shape": "hvh"},
            fill="tozeroy",
            fillcolor=palette.layer_areas[i % 4],
            hovertemplate="%{y:.1f} %",
        )
        for i, name in enumerate(layer_names(config))
    ]
    ghost_lines = [
        ghost_line(name, palette, GHOST_DASHES[i % 2], x=None, line={"shape": "hvh"}, hovertemplate="%{y:.1f} %")
        for i, name in enumerate(layer_names(config))
    ]
    return style.figure(
        palette,
        [*traces, *ghost_lines],
        x=style.named_axis("weight", range=[-1, 1], hoverformat=".3f"),
        y={"title": {"text": "share of weights, %"}, "rangemode": "tozero"},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    histogram = telemetry.extracts.get("weights")
    if histogram is None:
        return Update([])
    deviations = [_standard_deviation(shares, histogram.limit) for shares in histogram.shares]
    text = "Spread of the weights: " + ", ".join(
        f"{name} {value:.2f}" for name, value in zip(layer_names(config), deviations, strict=True)
    )
    return Update(
        _outlines(histogram),
        _x_range(telemetry),
        text + ".",
    )


def ghost(config: RunConfig, telemetry: Telemetry) -> Ghost:
    histogram, names = telemetry.extracts.get("weights"), layer_names(config)
    # a run with other layers has no outline here: the bins would be those of other weights
    if histogram is None or len(histogram.shares) != len(names):
        return Ghost({})
    outlines = [{"name": name, **outline} for name, outline in zip(names, _outlines(histogram), strict=True)]
    return Ghost({len(names) + i: outline for i, outline in enumerate(outlines)}, _x_range(telemetry))


def _outlines(histogram: Histogram) -> list[dict[str, Any]]:
    """Return the outline of the histogram of each layer."""
    bin_width = 2 * histogram.limit / histogram.shares.shape[1]
    position = {"x0": bin_width / 2 - histogram.limit, "dx": bin_width}  # x0: the centre of the first bin
    return [{**position, "y": style.encode_array(100 * shares)} for shares in histogram.shares]


def _x_range(telemetry: Telemetry) -> dict[str, Any]:
    return {"xaxis.range": [-telemetry.max_histogram_limit, telemetry.max_histogram_limit]}


def _standard_deviation(shares: np.ndarray, limit: float) -> float:
    x = (np.arange(len(shares)) + 0.5) * (2 * limit / len(shares)) - limit
    mean = float(np.dot(shares, x))
    return float(np.sqrt(max(0.0, np.dot(shares, (x - mean) ** 2))))
