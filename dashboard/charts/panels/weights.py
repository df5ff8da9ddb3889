"""The weights of each layer as a histogram."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine import RunConfig
from engine.families.penalties import penalty_of
from engine.runs.history.telemetry import Telemetry


def layer_names(config: RunConfig) -> list[str]:
    """Return the names of the layers of weights, from the first to the last."""
    hidden = (
        ["hidden layer"] if len(config.hidden) == 1 else [f"hidden layer {i + 1}" for i in range(len(config.hidden))]
    )
    return [*hidden, "output layer"]


def caption(config: RunConfig) -> str:
    without_penalty = "Without a penalty nothing limits the weights, and the tails grow."
    return penalty_of(config, n=1).caption("weights", without_penalty)


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    # an outline instead of bars: one path per layer is drawn five times faster
    traces = [
        go.Scatter(
            name=name,
            mode="lines",
            x0=0,
            dx=1,
            y=[],
            line={"color": palette.layers[i % 4], "width": 1.5, "shape": "hvh", "dash": ("solid", "3px,2px")[i % 2]},
            fill="tozeroy",
            fillcolor=palette.layer_areas[i % 4],
            hovertemplate="%{y:.1f} %",
        )
        for i, name in enumerate(layer_names(config))
    ]
    return style.figure(
        palette,
        traces,
        x={"title": {"text": "weight"}, "range": [-1, 1], "hoverformat": ".3f"},
        y={"title": {"text": "share of weights, %"}, "rangemode": "tozero"},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    histogram = telemetry.extracts.get("weights")
    if histogram is None:
        return Update([])
    bin_count = histogram.shares.shape[1]
    bin_width = 2 * histogram.limit / bin_count
    bins_position = {"x0": bin_width / 2 - histogram.limit, "dx": bin_width}  # x0: the centre of the first bin
    deviations = [_standard_deviation(shares, histogram.limit) for shares in histogram.shares]
    text = "Spread of the weights: " + ", ".join(
        f"{name} {value:.2f}" for name, value in zip(layer_names(config), deviations, strict=True)
    )
    return Update(
        [{**bins_position, "y": style.encode_array(100 * shares)} for shares in histogram.shares],
        {"xaxis.range": [-telemetry.max_histogram_limit, telemetry.max_histogram_limit]},
        text + ".",
    )


def _standard_deviation(shares: np.ndarray, limit: float) -> float:
    x = (np.arange(len(shares)) + 0.5) * (2 * limit / len(shares)) - limit
    mean = float(np.dot(shares, x))
    return float(np.sqrt(max(0.0, np.dot(shares, (x - mean) ** 2))))
