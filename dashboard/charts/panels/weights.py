"""The weights of each layer as a histogram."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.ghosts import Ghost, ghost_line
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.update import Update
from engine import RunConfig
from engine.families.penalties import penalty_of
from engine.learning.metrics import SHARE_INSIDE, Histogram
from engine.runs.history.telemetry import Telemetry

UNIT = 0.01  # of the axis, for which the shares are given
HOVER = f"%{{y:.2f}} % per {UNIT:g}"


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
        f"The share of a layer's weights in each of the bins, in percent for each {UNIT:g} of the axis, so that bins "
        "of different widths can be compared. Biases are not weights.",
        f"Each layer has its own bins of equal width, so that {numbers.percent(SHARE_INSIDE)} of its weights are "
        "between the ends. The first and the last bin also count all weights beyond them.",
        "The grey run has its own bins, too.",
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
            visible=i == 0,
            hovertemplate=HOVER,
        )
        for i, name in enumerate(layer_names(config))
    ]
    ghost_lines = [
        ghost_line(name, palette, x=None, visible=i == 0, line={"shape": "hvh"}, hovertemplate=HOVER)
        for i, name in enumerate(layer_names(config))
    ]
    return style.figure(
        palette,
        [*traces, *ghost_lines],
        x=style.named_axis("weight", range=[-1, 1], hoverformat=".3f"),
        y={"title": {"text": f"weights, % per {UNIT:g}"}, "rangemode": "tozero"},
    )


def choices(config: RunConfig) -> list[Choice]:
    """Return the drop-down list of layers; no list if there is only one layer."""
    names = layer_names(config)
    options = tuple(
        # the updates set the range of the first layer; for the others Plotly chooses it
        Option(
            name,
            {i: {"visible": i % len(names) == layer} for i in range(2 * len(names))},
            {"xaxis.range": None} if layer else {},
        )
        for layer, name in enumerate(names)
    )
    return [Choice("layer", "Layer", options)] if len(options) > 1 else []


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    histogram = telemetry.extracts.get("weights")
    if histogram is None:
        return Update([])
    text = "Spread of the weights: " + ", ".join(
        f"{name} {value:.2f}" for name, value in zip(layer_names(config), histogram.deviations, strict=True)
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
    return [
        {
            "x0": histogram.bin_width(layer) / 2 - histogram.limits[layer],  # the centre of the first bin
            "dx": histogram.bin_width(layer),
            "y": style.encode_array(100 * shares * UNIT / histogram.bin_width(layer)),
        }
        for layer, shares in enumerate(histogram.shares)
    ]


def _x_range(telemetry: Telemetry) -> dict[str, Any]:
    return {"xaxis.range": [-telemetry.max_histogram_limit, telemetry.max_histogram_limit]}
