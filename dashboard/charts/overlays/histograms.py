"""The weight histograms of several runs, one above the other on the same axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.escaping import for_plotly
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.looks import looks_of
from dashboard.charts.overlays.strokes import EMPTY, describe_runs
from dashboard.charts.palette import Palette
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine.learning.metrics import Histogram

MAX_BEYOND = 0.002  # share of a layer's weights that may lie beyond the axis
STEPS = (1, 1.5, 2, 3, 5, 7, 10)  # allowed limits of the axis, before multiplication by a power of ten
CROWDED = 5  # with more histograms than this, names are written between the lines
HEIGHT = 0.86  # height of a histogram's peak; neighbouring baselines are 1 apart


def look(entrants: Sequence[Entrant]) -> str:
    return "Compare widths and peaks at zero. Each is scaled to its own peak."


def layers_of(entrants: Sequence[Entrant]) -> dict[str, int]:
    """Return the indices of the layers common to all runs, by layer name.

    −1 is the last layer.
    """
    names = {tuple(layer_names(entrant.current_config)) for entrant in entrants}
    if len(names) == 1:
        return {name: i for i, name in enumerate(names.pop())}
    return {"first layer": 0, "output layer": -1}


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    looks = looks_of([entrant.current_config for entrant in entrants])
    crowded = len(entrants) > CROWDED
    traces = [
        go.Scatter(
            name=for_plotly(entrant.name),
            mode="lines",
            x=[],
            y=[],
            line={"color": look.colour(palette), "width": 1.5},
            fill="toself",
            fillcolor=look.area(palette),
            visible=k == 0,
            hoverinfo="skip",
        )
        for k in range(len(layers_of(entrants)))
        for entrant, look in zip(entrants, looks, strict=True)
    ]
    return style.figure(
        palette,
        traces,
        x={"title": {"text": "weight"}, "range": [-1, 1]},
        y={"range": [-0.05, max(1, len(entrants))], "showticklabels": False, "showgrid": False, "fixedrange": True},
        margin={"l": 12, "r": 12, "t": 14, "b": 40},
        annotations=[
            {
                "text": for_plotly(entrant.name),
                "x": 0,
                "xref": "paper",
                "xanchor": "left",
                # above the baseline, or between two baselines if there are many runs
                "y": _base(entrants, i) + (HEIGHT / 2 if crowded else 0.04),
                "yanchor": "middle" if crowded else "bottom",
                "showarrow": False,
                "font": {"color": palette.text, "size": 11 if crowded else 12},
            }
            for i, entrant in enumerate(entrants)
        ],
    )


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    """Return the choice of the layer; no choice if there is only one layer."""
    names, many = layers_of(entrants), len(entrants)
    options = tuple(
        # the updates set the range of the first layer; for the others Plotly chooses it
        Option(
            name,
            {i: {"visible": i // many == k} for i in range(many * len(names))},
            {"xaxis.range": None} if k else {},
        )
        for k, name in enumerate(names)
    )
    return [Choice("layer", "Layer", options)] if len(options) > 1 else []


def update(entrants: Sequence[Entrant]) -> Update:
    layers = layers_of(entrants)
    traces = [
        _outline(entrant.telemetry.extracts.get("weights"), layer, _base(entrants, i))
        for layer in layers.values()
        for i, entrant in enumerate(entrants)
    ]
    first, place = next(iter(layers.items()))

    def describe(entrant: Entrant) -> str | None:
        histogram = entrant.telemetry.extracts.get("weights")
        return None if histogram is None else f"{_deviation(histogram, place):.2f}"

    words = describe_runs(entrants, describe)
    if not words:
        return Update(traces)
    known = [entrant.telemetry.extracts["weights"] for entrant in entrants if entrant.telemetry.extracts.get("weights")]
    reach = max(_reach(histogram, place) for histogram in known)
    return Update(traces, {"xaxis.range": [-reach, reach]}, f"Spread of the weights, {first}: {words}.")


def _base(entrants: Sequence[Entrant], i: int) -> int:
    """Return the baseline of an entrant's histogram; the first entrant is on top."""
    return len(entrants) - 1 - i


def _outline(histogram: Histogram | None, layer: int, base: int) -> dict[str, Any]:
    """Return a layer's histogram as a closed outline with steps."""
    if histogram is None:
        return EMPTY
    shares = histogram.shares[layer]
    edges = np.linspace(-histogram.limit, histogram.limit, len(shares) + 1)
    peak = float(shares.max()) or 1.0
    heights = np.concatenate([[0], np.repeat(HEIGHT * shares / peak, 2), [0]])
    return {"x": style.typed(np.repeat(edges, 2)), "y": style.typed(base + heights)}


def _reach(histogram: Histogram, layer: int) -> float:
    """Return the limit of the axis for a layer.

    It is a round number. At most `MAX_BEYOND` of the layer's weights lie outside it.

    With L2 and dropout a few weights are much larger than the rest; an axis that holds them all would show
    the others as one narrow peak.
    """
    shares = histogram.shares[layer].astype(np.float64)
    middle = len(shares) // 2
    folded = np.append(shares[middle], shares[middle + 1 :] + shares[:middle][::-1])  # shares by distance from 0
    bins = int((np.cumsum(folded) >= 1 - MAX_BEYOND).argmax())
    needed = (bins + 0.5) * 2 * histogram.limit / len(shares)
    power = 10.0 ** np.floor(np.log10(needed))
    return float(next(power * step for step in STEPS if power * step >= needed * (1 - 1e-9)))


def _deviation(histogram: Histogram, layer: int) -> float:
    """Return the root mean square of a layer's weights, from the bin centres."""
    shares = histogram.shares[layer]
    width = 2 * histogram.limit / len(shares)
    middles = -histogram.limit + width * (np.arange(len(shares)) + 0.5)
    return float(np.sqrt(np.dot(shares, middles**2)))
