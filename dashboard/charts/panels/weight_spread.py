"""The spread of a layer's weights over time: quantiles around their median."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.magnitudes import SAMPLE_SIZE, quantile_name, series_name
from engine.families.penalties import penalty_of
from engine.runs.history.telemetry import Telemetry

# The traces of a layer as (quantile, name); an edge with a name is filled to the edge before it.
FAN = ((0.05, ""), (0.95, "5–95 %"), (0.25, ""), (0.75, "25–75 %"), (0.5, "median"))


def look(config: RunConfig) -> str:
    without = "Without a penalty the fan opens while there is something to fit."
    return penalty_of(config, n=1).caption("spread", without)


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    traces = [
        _edge(config, palette, layer, share, name) for layer in range(len(layer_names(config))) for share, name in FAN
    ]
    return style.figure(
        palette,
        traces,
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "weight"}, "zeroline": True, "zerolinecolor": palette.muted, "zerolinewidth": 1},
    )


def choices(config: RunConfig) -> list[Choice]:
    """Return the list of layers; none if there is only one."""
    names = layer_names(config)
    options = tuple(
        Option(name, {i: {"visible": i // len(FAN) == layer} for i in range(len(names) * len(FAN))})
        for layer, name in enumerate(names)
    )
    return [Choice("layer", "Layer", options)] if len(options) > 1 else []


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    names = layer_names(config)
    if series_name(0, "zeros") not in telemetry.over_time:
        return Update([])
    traces, widths = [], []
    for layer, name in enumerate(names):
        fan = {share: telemetry.over_time[series_name(layer, quantile_name(share))] for share, _ in FAN}
        traces += [style.line(series) for series in fan.values()]
        widths.append(f"{name} {_signed(fan[0.05].latest)} to {_signed(fan[0.95].latest)}")
    return Update(
        traces,
        marks.layout(marks.of_changes(telemetry, config.epochs)),
        f"Nine weights in ten are within: {', '.join(widths)}.",
        f"From at most {numbers.count(SAMPLE_SIZE)} weights of each layer.",
    )


def _edge(config: RunConfig, palette: Palette, layer: int, share: float, name: str) -> go.Scatter:
    colour = palette.layers[layer % 4]
    # the outer band has dotted edges, so that the bands differ not only by shade
    line = {0.05: (1, "dot"), 0.95: (1, "dot"), 0.5: (2, "solid")}.get(share, (0, "solid"))
    look: dict[str, Any] = {"fill": "tonexty", "fillcolor": palette.layer_areas[layer % 4]} if "–" in name else {}
    return go.Scatter(
        name=name or f"{100 * share:g} %",
        mode="lines",
        x=[],
        y=[],
        line={"color": colour, "width": line[0], "dash": line[1]},
        showlegend=bool(name),
        visible=layer == 0,
        hovertemplate=f"%{{y:.3f}}<extra>{100 * share:g} %</extra>",
        **look,
    )


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
