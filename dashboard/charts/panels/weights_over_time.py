"""The weights over time: sums, and shares of weights at zero and close to zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.ghosts import Ghost, ghost_line
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.magnitudes import series_name
from engine.families.penalties import penalty_of
from engine.families.penalties.penalty import ZeroTolerance
from engine.runs.history.series import Series
from engine.runs.history.telemetry import Telemetry

GHOST_DASHES = ("solid", "4px,3px")  # of the layers of a ghost, which are all grey, in turn


@dataclass(frozen=True)
class Quantity:
    """A quantity with a line for each layer.

    Attributes:
        name: the name in the telemetry, see `engine.analysis.magnitudes.series_name`.
        label: the text in the drop-down list.
        axis: the title of the y axis.
        scale: the factor on the values.
        hover: the hover template of a value.
    """

    name: str
    label: str
    axis: str
    scale: float = 1.0
    hover: str = "%{y:.3g}"


def quantities(config: RunConfig) -> tuple[Quantity, ...]:
    """Return the quantities in the drop-down list."""
    near_zero = near_zero_label(penalty_of(config, n=1).zero_tolerance(0.0))
    return (
        Quantity("squares", "Σw²", "Σw²"),
        Quantity("absolute", "Σ|w|", "Σ|w|"),
        Quantity("zeros", "exact zeros", "exact zeros, % of weights", 100, "%{y:.2f} %"),
        Quantity("within", near_zero, f"{near_zero}, % of weights", 100, "%{y:.2f} %"),
        Quantity("zero_neurons", "neurons at zero", "neurons with no incoming weight left", 1, "%{y:d}"),
    )


def near_zero_label(tolerance: ZeroTolerance | None) -> str:
    """Return the condition for weights that count as close to zero, such as "|w| ≤ ηλ/n"."""
    return f"|w| ≤ {tolerance.symbol}" if tolerance else "close to zero"


def caption(config: RunConfig) -> str:
    return penalty_of(config, n=1).caption("norms", "Large weights cost nothing: the sums grow.")


def about(config: RunConfig) -> tuple[str, ...]:
    tolerance = penalty_of(config, n=1).zero_tolerance(0.0)
    near_zero = f"Close to zero: {tolerance.explanation}" if tolerance else "No penalty here makes weights nearly zero."
    return (
        "Σw² and Σ|w| are sums over the weights of a layer, without biases. L2 adds (λ/2n) Σw² to the cost.",
        *penalty_of(config, n=1).explanations("norms"),
        near_zero,
        measured.AT_STEP,
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    traces = [
        go.Scatter(
            name=layer,
            mode="lines",
            x=[],
            y=[],
            line={"color": palette.layers[layer_index % 4], "width": 2},
            visible=quantity_index == 0,
            hovertemplate=quantity.hover,
        )
        for quantity_index, quantity in enumerate(quantities(config))
        for layer_index, layer in enumerate(layer_names(config))
    ]
    ghost_lines = [
        ghost_line(
            layer, palette, GHOST_DASHES[layer_index % 2], visible=quantity_index == 0, hovertemplate=quantity.hover
        )
        for quantity_index, quantity in enumerate(quantities(config))
        for layer_index, layer in enumerate(layer_names(config))
    ]
    return style.figure(
        palette,
        [*traces, *ghost_lines],
        x=style.epoch_axis(config.epochs, style.LABEL_ROOM),
        y={"title": {"text": quantities(config)[0].axis}, "rangemode": "tozero"},
    )


def choices(config: RunConfig) -> list[Choice]:
    """Return the drop-down list of quantities."""
    layer_count, all_quantities = len(layer_names(config)), quantities(config)
    line_count = layer_count * len(all_quantities)  # of the run; the ghost has the same number
    options = tuple(
        Option(
            quantity.label,
            {i: {"visible": i % line_count // layer_count == quantity_index} for i in range(2 * line_count)},
            {"yaxis.title.text": quantity.axis},
        )
        for quantity_index, quantity in enumerate(all_quantities)
    )
    return [Choice("quantity", "Quantity", options)]


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    names = layer_names(config)
    if series_name(0, "zeros") not in telemetry.over_time:
        return Update([])
    all_quantities = quantities(config)
    traces = _lines(config, telemetry)
    descriptions = []
    for i, name in enumerate(names):
        squares, absolute, zeros, within = (
            telemetry.over_time[series_name(i, quantity.name)].latest for quantity in all_quantities[:4]
        )
        descriptions.append(
            f"{name} Σw² {numbers.cost(squares)}, Σ|w| {numbers.cost(absolute)}, exact zeros {numbers.percent(zeros)}, "
            f"{all_quantities[3].label} {numbers.percent(within)}"
        )
    return Update(
        traces,
        marks.marks_layout(marks.change_marks(telemetry, config.epochs)),
        f"Weights now: {'; '.join(descriptions)}.",
        caption=_zero_neurons_caption(config, zero_neurons(config, telemetry)),
    )


def ghost(config: RunConfig, telemetry: Telemetry) -> Ghost:
    names, lines = layer_names(config), _lines(config, telemetry)
    # a run with other layers has no lines here
    if series_name(len(names) - 1, "zeros") not in telemetry.over_time or series_name(len(names), "zeros") in (
        telemetry.over_time
    ):
        return Ghost({})
    return Ghost({len(lines) + i: {"name": names[i % len(names)], **line} for i, line in enumerate(lines)})


def _lines(config: RunConfig, telemetry: Telemetry) -> list[dict[str, Any]]:
    """Return the line of each quantity and layer; runs stored by earlier versions have no series "zero_neurons"."""
    return [
        style.line_data(series, quantity.scale) if (series := _series(telemetry, layer, quantity)) else {}
        for quantity in quantities(config)
        for layer in range(len(layer_names(config)))
    ]


def _series(telemetry: Telemetry, layer: int, quantity: Quantity) -> Series | None:
    return telemetry.over_time.get(series_name(layer, quantity.name))


def zero_neurons(config: RunConfig, telemetry: Telemetry) -> float | None:
    """Return the number of hidden neurons whose incoming weights are all zero; None before it is measured."""
    series = [telemetry.over_time.get(series_name(layer, "zero_neurons")) for layer in range(len(config.hidden))]
    counts = [each.latest for each in series if each is not None]
    return sum(counts) if counts and len(counts) == len(series) else None


def _zero_neurons_caption(config: RunConfig, zero_neurons: float | None) -> str:
    """Return a sentence on the number of neurons at zero for a penalty that makes such neurons, otherwise ""."""
    if not penalty_of(config, n=1).zero_neurons or zero_neurons is None:
        return ""
    return f"{numbers.count(zero_neurons)} of {numbers.count(sum(config.hidden))} hidden neurons are zero."
