"""The weights over time: what a penalty charges for, and how many weights it has brought to zero."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.magnitudes import series_name
from engine.runs.history.telemetry import Telemetry


@dataclass(frozen=True)
class Quantity:
    """One thing to draw for every layer: its name in the telemetry and what the axis says."""

    name: str
    label: str
    axis: str
    scale: float = 1.0
    hover: str = "%{y:.3g}"


QUANTITIES = (
    Quantity("squares", "Σw²", "Σw²"),
    Quantity("absolute", "Σ|w|", "Σ|w|"),
    Quantity("zeros", "exact zeros", "exact zeros, % of weights", 100, "%{y:.2f} %"),
    Quantity("within", "|w| ≤ ηλ/n", "|w| ≤ ηλ/n, % of weights", 100, "%{y:.2f} %"),
)


def look(config: RunConfig) -> str:
    if config.l1:
        if config.l1_rule == "subgradient":
            return "The sub-gradient leaves weights within a step of zero, hardly one at zero."
        return "This rule of L1 brings weights to exact zeros: choose them and watch."
    if config.l2:
        return "L2 charges for Σw²: where it levels off, the data pull back as hard."
    return "Nothing is charged for large weights, so the sums keep growing."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    traces = [
        go.Scatter(
            name=layer,
            mode="lines",
            x=[],
            y=[],
            line={"color": palette.layers[i % 4], "width": 2, "dash": ("solid", "6px,3px")[i % 2]},
            visible=k == 0,
            hovertemplate=quantity.hover,
        )
        for k, quantity in enumerate(QUANTITIES)
        for i, layer in enumerate(layer_names(config))
    ]
    return style.figure(
        palette,
        traces,
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": QUANTITIES[0].axis}, "rangemode": "tozero"},
    )


def choices(config: RunConfig) -> list[Choice]:
    """Which quantity."""
    layers = len(layer_names(config))
    options = tuple(
        Option(
            quantity.label,
            {i: {"visible": i // layers == k} for i in range(layers * len(QUANTITIES))},
            {"yaxis.title.text": quantity.axis},
        )
        for k, quantity in enumerate(QUANTITIES)
    )
    return [Choice("quantity", "Quantity", options)]


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    names = layer_names(config)
    if series_name(0, "zeros") not in telemetry.over_time:
        return Update([])
    traces = [
        style.line(telemetry.over_time[series_name(layer, quantity.name)], quantity.scale)
        for quantity in QUANTITIES
        for layer in range(len(names))
    ]
    layers = []
    for i, name in enumerate(names):
        squares, absolute, zeros, within = (
            telemetry.over_time[series_name(i, quantity.name)].latest for quantity in QUANTITIES
        )
        layers.append(
            f"{name} Σw² {numbers.cost(squares)}, Σ|w| {numbers.cost(absolute)}, exact zeros {numbers.percent(zeros)}, "
            f"within ηλ/n {numbers.percent(within)}"
        )
    return Update(
        traces,
        marks.layout(marks.of_changes(telemetry, config.epochs)),
        f"Weights now: {'; '.join(layers)}.",
        _note(config),
    )


def _note(config: RunConfig) -> str:
    """Which λ the yardstick has."""
    if config.l1:
        return "ηλ/n with the λ of L1: the length of its step."
    if config.l2:
        return "ηλ/n with the λ of L2: a yardstick, for there is no L1."
    return "Without λ, ηλ/n is 0: only exact zeros are within."
