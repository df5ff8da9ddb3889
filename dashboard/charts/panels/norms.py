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
from engine.families.penalties import penalty_of
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
    Quantity("zero_neurons", "neurons at zero", "neurons with no incoming weight left", 1, "%{y:d}"),
)


def look(config: RunConfig) -> str:
    without = "Nothing is charged for large weights, so the sums keep growing."
    return penalty_of(config, n=1).caption("norms", without)


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
    found = [
        [telemetry.over_time.get(series_name(layer, quantity.name)) for layer in range(len(names))]
        for quantity in QUANTITIES
    ]
    # a run that an earlier version has kept lacks the newest quantity
    traces = [
        style.line(series, quantity.scale) if series else {}
        for quantity, layers in zip(QUANTITIES, found, strict=True)
        for series in layers
    ]
    layers = []
    for i, name in enumerate(names):
        squares, absolute, zeros, within = (
            telemetry.over_time[series_name(i, quantity.name)].latest for quantity in QUANTITIES[:4]
        )
        layers.append(
            f"{name} Σw² {numbers.cost(squares)}, Σ|w| {numbers.cost(absolute)}, exact zeros {numbers.percent(zeros)}, "
            f"within ηλ/n {numbers.percent(within)}"
        )
    return Update(
        traces,
        marks.layout(marks.of_changes(telemetry, config.epochs)),
        f"Weights now: {'; '.join(layers)}.",
        _note(config, zero_neurons(config, telemetry)),
    )


def zero_neurons(config: RunConfig, telemetry: Telemetry) -> float | None:
    """Return the number of hidden neurons whose incoming weights are all exactly zero; None before it is measured."""
    series = [telemetry.over_time.get(series_name(layer, "zero_neurons")) for layer in range(len(config.hidden))]
    counts = [each.latest for each in series if each is not None]
    return sum(counts) if counts and len(counts) == len(series) else None


def _note(config: RunConfig, zero_neurons: float | None) -> str:
    """Return which λ the yardstick has, or how many neurons are exactly zero."""
    penalties = penalty_of(config, n=1)
    if penalties.zero_neurons and zero_neurons is not None:
        return f"{numbers.count(zero_neurons)} of {numbers.count(sum(config.hidden))} hidden neurons are exactly zero."
    length = penalties.yardstick(0.0)
    return length.words if length else "Without λ, ηλ/n is 0: only exact zeros are within."
