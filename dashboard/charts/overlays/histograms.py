"""The weight histograms of several runs, one above the other on the same axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.escaping import escape_plotly
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.line_styles import line_styles_of
from dashboard.charts.overlays.run_lines import EMPTY_LINE, describe_runs
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine.learning.metrics import Histogram

MAX_SHARE_OUTSIDE = 0.002  # share of a layer's weights that may be outside the axis
ROUND_LIMITS = (1, 1.5, 2, 3, 5, 7, 10)  # allowed limits of the axis, before multiplication by a power of ten
MAX_NAMES_ON_BASELINE = 5  # with more histograms, the names are written between the baselines
PEAK_HEIGHT = 0.86  # height of a histogram's peak; neighbouring baselines are 1 apart


def caption(entrants: Sequence[Entrant]) -> str:
    return "Compare widths and peaks at zero."


def about(entrants: Sequence[Entrant]) -> tuple[str, ...]:
    return (
        "The histogram of the weights of a layer, one per run. Each is scaled to its own peak.",
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
        return None if histogram is None else f"{_root_mean_square(histogram, first_layer):.2f}"

    descriptions = describe_runs(entrants, describe)
    if not descriptions:
        return Update(traces)
    histograms = [
        entrant.telemetry.extracts["weights"] for entrant in entrants if entrant.telemetry.extracts.get("weights")
    ]
    limit = max(_axis_limit(histogram, first_layer) for histogram in histograms)
    return Update(traces, {"xaxis.range": [-limit, limit]}, f"Spread of the weights, {first_name}: {descriptions}.")


def _baseline(entrants: Sequence[Entrant], i: int) -> int:
    """Return the baseline of an entrant's histogram; the first entrant is on top."""
    return len(entrants) - 1 - i


def _outline(histogram: Histogram | None, layer: int, baseline: int) -> dict[str, Any]:
    """Return a layer's histogram as a closed outline with steps."""
    if histogram is None:
        return EMPTY_LINE
    shares = histogram.shares[layer]
    edges = np.linspace(-histogram.limit, histogram.limit, len(shares) + 1)
    peak = float(shares.max()) or 1.0
    heights = np.concatenate([[0], np.repeat(PEAK_HEIGHT * shares / peak, 2), [0]])
    return {"x": style.encode_array(np.repeat(edges, 2)), "y": style.encode_array(baseline + heights)}


def _axis_limit(histogram: Histogram, layer: int) -> float:
    """Return the limit of the axis for a layer, a round number.

    At most `MAX_SHARE_OUTSIDE` of the layer's weights are outside. With L2 and dropout a few weights are much larger
    than the rest. An axis over all weights would show the rest as one narrow peak.
    """
    shares = histogram.shares[layer].astype(np.float64)
    middle_bin = len(shares) // 2
    shares_by_distance = np.append(
        shares[middle_bin], shares[middle_bin + 1 :] + shares[:middle_bin][::-1]
    )  # shares by distance from 0
    last_bin = int((np.cumsum(shares_by_distance) >= 1 - MAX_SHARE_OUTSIDE).argmax())
    required = (last_bin + 0.5) * 2 * histogram.limit / len(shares)
    power = 10.0 ** np.floor(np.log10(required))
    return float(next(power * limit for limit in ROUND_LIMITS if power * limit >= required * (1 - 1e-9)))


def _root_mean_square(histogram: Histogram, layer: int) -> float:
    """Return the root mean square of a layer's weights, computed from the bin centres."""
    shares = histogram.shares[layer]
    bin_width = 2 * histogram.limit / len(shares)
    bin_centres = -histogram.limit + bin_width * (np.arange(len(shares)) + 0.5)
    return float(np.sqrt(np.dot(shares, bin_centres**2)))
