"""The weights over time: sums, and shares at and near zero."""

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
from engine.families.penalties.penalty import ZeroTolerance
from engine.runs.history.series import Series
from engine.runs.history.telemetry import Telemetry


@dataclass(frozen=True)
class Quantity:
    """A quantity with a line for each layer.

    Attributes:
        name: its name in the telemetry, see `engine.analysis.magnitudes.series_name`.
        label: its name in the choice of quantities. axis: the title of its axis.
        scale: factor on its values. hover: the format of a value.
    """

    name: str
    label: str
    axis: str
    scale: float = 1.0
    hover: str = "%{y:.3g}"


def quantities(config: RunConfig) -> tuple[Quantity, ...]:
    """Return the quantities to choose from."""
    near_zero = near_zero_label(penalty_of(config, n=1).zero_tolerance(0.0))
    return (
        Quantity("squares", "Σw²", "Σw²"),
        Quantity("absolute", "Σ|w|", "Σ|w|"),
        Quantity("zeros", "exact zeros", "exact zeros, % of weights", 100, "%{y:.2f} %"),
        Quantity("within", near_zero, f"{near_zero}, % of weights", 100, "%{y:.2f} %"),
        Quantity("zero_neurons", "neurons at zero", "neurons with no incoming weight left", 1, "%{y:d}"),
    )


def near_zero_label(tolerance: ZeroTolerance | None) -> str:
    """Return the name of the weights that count as close to zero, such as "|w| ≤ ηλ/n"."""
    return f"|w| ≤ {tolerance.symbol}" if tolerance else "close to zero"


def look(config: RunConfig) -> str:
    without = "Large weights cost nothing, so the sums keep growing."
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
        for k, quantity in enumerate(quantities(config))
        for i, layer in enumerate(layer_names(config))
    ]
    return style.figure(
        palette,
        traces,
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": quantities(config)[0].axis}, "rangemode": "tozero"},
    )


def choices(config: RunConfig) -> list[Choice]:
    """Return the choice of the quantity."""
    layers, found = len(layer_names(config)), quantities(config)
    options = tuple(
        Option(
            quantity.label,
            {i: {"visible": i // layers == k} for i in range(layers * len(found))},
            {"yaxis.title.text": quantity.axis},
        )
        for k, quantity in enumerate(found)
    )
    return [Choice("quantity", "Quantity", options)]


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    names = layer_names(config)
    if series_name(0, "zeros") not in telemetry.over_time:
        return Update([])
    shown = quantities(config)
    # a run stored by an earlier version has no series of the newest quantity
    traces = [
        style.line(series, quantity.scale) if (series := _series(telemetry, layer, quantity)) else {}
        for quantity in shown
        for layer in range(len(names))
    ]
    layers = []
    for i, name in enumerate(names):
        squares, absolute, zeros, within = (
            telemetry.over_time[series_name(i, quantity.name)].latest for quantity in shown[:4]
        )
        layers.append(
            f"{name} Σw² {numbers.cost(squares)}, Σ|w| {numbers.cost(absolute)}, exact zeros {numbers.percent(zeros)}, "
            f"{shown[3].label} {numbers.percent(within)}"
        )
    return Update(
        traces,
        marks.layout(marks.of_changes(telemetry, config.epochs)),
        f"Weights now: {'; '.join(layers)}.",
        _note(config, zero_neurons(config, telemetry)),
    )


def _series(telemetry: Telemetry, layer: int, quantity: Quantity) -> Series | None:
    return telemetry.over_time.get(series_name(layer, quantity.name))


def zero_neurons(config: RunConfig, telemetry: Telemetry) -> float | None:
    """Return the number of hidden neurons with all incoming weights at zero; None before it is measured."""
    series = [telemetry.over_time.get(series_name(layer, "zero_neurons")) for layer in range(len(config.hidden))]
    counts = [each.latest for each in series if each is not None]
    return sum(counts) if counts and len(counts) == len(series) else None


def _note(config: RunConfig, zero_neurons: float | None) -> str:
    """Return which length counts as close to zero, or how many neurons are exactly zero."""
    penalties = penalty_of(config, n=1)
    if penalties.zero_neurons and zero_neurons is not None:
        return f"{numbers.count(zero_neurons)} of {numbers.count(sum(config.hidden))} hidden neurons are exactly zero."
    yardstick = penalties.zero_tolerance(0.0)
    return yardstick.explanation if yardstick else "No penalty here sets a length: only exact zeros count."
