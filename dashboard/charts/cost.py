"""The cost: data cost on both sets, and the penalty as an area of its own, never mixed in."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.telemetry import Telemetry

SERIES = ("penalty", "training_cost", "judge_cost")


def look(config: RunConfig) -> str:
    if config.label_noise:
        return "Training counts the corrupted labels too, so it may stand above validation."
    if config.l2 or config.l1:
        return "The penalty is drawn apart: λ never hides in the curve."
    return "Overfitting: training keeps falling while validation turns up."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    line = {"mode": "lines", "x": [], "y": [], "hovertemplate": "%{y:.3g}"}
    return style.figure(
        palette,
        [
            go.Scatter(
                name="penalty",
                line={"color": palette.penalty, "width": 1.5},
                fill="tozeroy",
                fillcolor=palette.penalty_area,
                visible=bool(config.l2 or config.l1),
                **line,
            ),
            go.Scatter(name="training", line={"color": palette.training, "width": 2}, **line),
            go.Scatter(
                name=config.evaluate_on, line={"color": palette.validation, "width": 2, "dash": "6px,3px"}, **line
            ),
        ],
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "cost per example"}, "range": [0, 4]},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    traces = []
    highest = 0.0
    for name in SERIES:
        series = telemetry.epochs[name]
        x, y = series.line()
        traces.append({"x": style.typed(x), "y": style.typed(y)})
        first = 1 if series.exact else 2  # the lowest and the highest of the first epochs, merged
        highest = max([highest, *(y[first:] if len(y) > first else y)])
    snapshot = telemetry.snapshot
    if snapshot is None:
        return Update(traces)
    # The cost before the first epoch is several times all that follows: it may leave at the top.
    top = 1.15 * highest if 0 < highest < np.inf else 4
    text = (
        f"Data cost per example after {numbers.count(snapshot.epoch)} epochs: "
        f"training {numbers.cost(snapshot.training.cost)}, "
        f"{config.evaluate_on} {numbers.cost(snapshot.judge.cost)}, penalty {numbers.cost(snapshot.penalty)}."
    )
    return Update(traces, {"yaxis.range": [0, top]}, text)
