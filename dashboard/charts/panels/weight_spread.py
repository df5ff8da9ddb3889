"""The spread of a layer's weights over time: quantiles around their median."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.magnitudes import SAMPLE_SIZE, quantile_name, series_name
from engine.families.penalties import penalty_of
from engine.runs.history.telemetry import Telemetry

# The traces of a layer as (quantile, name). A trace with a range as its name is filled down to the trace before it.
QUANTILE_TRACES = ((0.05, ""), (0.95, "5–95 %"), (0.25, ""), (0.75, "25–75 %"), (0.5, "median"))


def caption(config: RunConfig) -> str:
    return penalty_of(config, n=1).caption("spread", "Without a penalty the range widens.")


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "The median weight of a layer, and the ranges that contain half and nine tenths of its weights.",
        f"From at most {numbers.count(SAMPLE_SIZE)} weights of each layer.",
        *penalty_of(config, n=1).explanations("spread"),
        measured.AT_STEP,
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    traces = [
        _quantile_trace(config, palette, layer, quantile, name)
        for layer in range(len(layer_names(config)))
        for quantile, name in QUANTILE_TRACES
    ]
    return style.figure(
        palette,
        traces,
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "weight"}, "zeroline": True, "zerolinecolor": palette.muted, "zerolinewidth": 1},
    )


def choices(config: RunConfig) -> list[Choice]:
    """Return the drop-down list of layers; no list if there is only one layer."""
    names = layer_names(config)
    options = tuple(
        Option(
            name, {i: {"visible": i // len(QUANTILE_TRACES) == layer} for i in range(len(names) * len(QUANTILE_TRACES))}
        )
        for layer, name in enumerate(names)
    )
    return [Choice("layer", "Layer", options)] if len(options) > 1 else []


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    names = layer_names(config)
    if series_name(0, "zeros") not in telemetry.over_time:
        return Update([])
    traces, ranges = [], []
    for layer, name in enumerate(names):
        series_by_quantile = {
            share: telemetry.over_time[series_name(layer, quantile_name(share))] for share, _ in QUANTILE_TRACES
        }
        traces += [style.line_data(series) for series in series_by_quantile.values()]
        ranges.append(
            f"{name} {_format_signed(series_by_quantile[0.05].latest)} "
            f"to {_format_signed(series_by_quantile[0.95].latest)}"
        )
    return Update(
        traces,
        marks.marks_layout(marks.change_marks(telemetry, config.epochs)),
        f"Nine weights in ten are within: {', '.join(ranges)}.",
    )


def _quantile_trace(config: RunConfig, palette: Palette, layer: int, quantile: float, name: str) -> go.Scatter:
    colour = palette.layers[layer % 4]
    # the outer band has dotted edges, so that the bands differ not only by shade
    line = {0.05: (1, "dot"), 0.95: (1, "dot"), 0.5: (2, "solid")}.get(quantile, (0, "solid"))
    fill: dict[str, Any] = {"fill": "tonexty", "fillcolor": palette.layer_areas[layer % 4]} if "–" in name else {}
    return go.Scatter(
        name=name or f"{100 * quantile:g} %",
        mode="lines",
        x=[],
        y=[],
        line={"color": colour, "width": line[0], "dash": line[1]},
        showlegend=bool(name),
        visible=layer == 0,
        hovertemplate=f"%{{y:.3f}}<extra>{100 * quantile:g} %</extra>",
        **fill,
    )


def _format_signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
