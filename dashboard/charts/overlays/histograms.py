"""The weight histograms of several runs, one above the other on the same axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.escaping import escape_plotly
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.line_styles import line_styles_of
from dashboard.charts.overlays.run_lines import EMPTY_LINE, describe_runs
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine.learning.metrics import SHARE_INSIDE, Histogram

MAX_NAMES_ON_BASELINE = 5  # with more histograms, the names are written between the baselines
PEAK_HEIGHT = 0.86  # height of a histogram's peak; neighbouring baselines are 1 apart


def caption(entrants: Sequence[Entrant]) -> str:
    return "Compare widths and peaks at zero."


def about(entrants: Sequence[Entrant]) -> tuple[str, ...]:
    return (
        "The histogram of the weights of a layer, one per run. Each is scaled to its own peak.",
        f"Each run has its own bins of equal width, so that {numbers.percent(SHARE_INSIDE)} of the weights are "
        "between the ends. The first and the last bin also count all weights beyond them.",
        measured.AT_STEP,
    )


def common_layers(entrants: Sequence[Entrant]) -> dict[str, int]:
    """Return the indices of the layers common to all runs, by layer name.

    −1 is the last layer.
    """
    names = {tuple(layer_names(entrant.current_config)) for entrant in entrants}
    if len(names) == 1:
        return {name: i for i, name in enumerate(names.pop())}
    return {"first layer": 0, "output layer": -1}


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    line_styles = line_styles_of([entrant.current_config for entrant in entrants])
    is_crowded = len(entrants) > MAX_NAMES_ON_BASELINE
    traces = [
        go.Scatter(
            name=escape_plotly(entrant.name),
            mode="lines",
            x=[],
            y=[],
            line={"color": line_style.colour(palette), "width": 1.5},
            fill="toself",
            fillcolor=line_style.area(palette),
            visible=layer_index == 0,
            hoverinfo="skip",
        )
        for layer_index in range(len(common_layers(entrants)))
        for entrant, line_style in zip(entrants, line_styles, strict=True)
    ]
    return style.figure(
        palette,
        traces,
        x={"title": {"text": "weight"}, "range": [-1, 1]},
        y={"range": [-0.05, max(1, len(entrants))], "showticklabels": False, "showgrid": False, "fixedrange": True},
        margin={"l": 12, "r": 12, "t": 14, "b": 40},
        annotations=[
            {
                "text": escape_plotly(entrant.name),
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                # above the baseline, or between two baselines if there are many runs
                "y": _baseline(entrants, i) + (PEAK_HEIGHT / 2 if is_crowded else 0.04),
                "yanchor": "middle" if is_crowded else "bottom",
                "showarrow": False,
                "font": {"color": palette.text, "size": 11 if is_crowded else 12},
            }
            for i, entrant in enumerate(entrants)
        ],
    )


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    """Return the drop-down list of layers; no list if there is only one layer."""
    layer_labels, run_count = common_layers(entrants), len(entrants)
    options = tuple(
        # the updates set the range of the first layer; for the others Plotly chooses it
        Option(
            name,
            {i: {"visible": i // run_count == layer_index} for i in range(run_count * len(layer_labels))},
            {"xaxis.range": None} if layer_index else {},
        )
        for layer_index, name in enumerate(layer_labels)
    )
    return [Choice("layer", "Layer", options)] if len(options) > 1 else []


def update(entrants: Sequence[Entrant]) -> Update:
    layers = common_layers(entrants)
    traces = [
        _outline(entrant.telemetry.extracts.get("weights"), layer, _baseline(entrants, i))
        for layer in layers.values()
        for i, entrant in enumerate(entrants)
    ]
    first_name, first_layer = next(iter(layers.items()))

    def describe(entrant: Entrant) -> str | None:
        histogram = entrant.telemetry.extracts.get("weights")
        return None if histogram is None else f"{histogram.deviations[first_layer]:.2f}"

    descriptions = describe_runs(entrants, describe)
    if not descriptions:
        return Update(traces)
    histograms = [
        entrant.telemetry.extracts["weights"] for entrant in entrants if entrant.telemetry.extracts.get("weights")
    ]
    limit = max(float(histogram.limits[first_layer]) for histogram in histograms)
    return Update(traces, {"xaxis.range": [-limit, limit]}, f"Spread of the weights, {first_name}: {descriptions}.")


def _baseline(entrants: Sequence[Entrant], i: int) -> int:
    """Return the baseline of an entrant's histogram; the first entrant is on top."""
    return len(entrants) - 1 - i


def _outline(histogram: Histogram | None, layer: int, baseline: int) -> dict[str, Any]:
    """Return a layer's histogram as a closed outline with steps."""
    if histogram is None:
        return EMPTY_LINE
    shares = histogram.shares[layer]
    edges = np.linspace(-histogram.limits[layer], histogram.limits[layer], len(shares) + 1)
    peak = float(shares.max()) or 1.0
    heights = np.concatenate([[0], np.repeat(PEAK_HEIGHT * shares / peak, 2), [0]])
    return {"x": style.encode_array(np.repeat(edges, 2)), "y": style.encode_array(baseline + heights)}
