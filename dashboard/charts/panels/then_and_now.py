"""Current weights against initial weights, with the line of penalty-only decay."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.decay import Decay
from engine.families.penalties import penalty_of
from engine.runs.extracts.initial_and_current import WeightComparison
from engine.runs.history.telemetry import Telemetry

SYMBOLS = ("circle", "diamond", "square", "triangle-up")


def look(config: RunConfig) -> str:
    penalties = penalty_of(config, n=1)
    if isinstance(why := penalties.decay_step(0.0), str):
        return f"There is no line of pure decay: {why}."
    if penalties:
        return "Only the penalty has moved the weights on the line, and never the data."
    return "Weights on the line still have their initial values: no data moved them."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    names = layer_names(config)
    hover = "at the start %{x:.3f}, now %{y:.3f}"
    layers = [
        go.Scatter(
            name=name,
            mode="markers",
            x=[],
            y=[],
            marker={"color": palette.layers[i % 4], "size": 4, "symbol": SYMBOLS[i % 4], "opacity": 0.6},
            hovertemplate=hover,
        )
        for i, name in enumerate(names)
    ]
    untouched = go.Scatter(
        name="from inputs that are always 0",
        mode="markers",
        x=[],
        y=[],
        marker={"color": palette.text, "size": 7, "symbol": "circle-open", "line": {"width": 1}},
        hovertemplate=hover,
    )
    line = go.Scatter(
        name="penalty alone" if penalty_of(config, n=1) else "unmoved",
        mode="lines",
        x=[],
        y=[],
        line={"color": palette.penalty, "width": 2},
        hoverinfo="skip",
    )
    return style.figure(
        palette,
        [*layers, untouched, line],
        x={"title": {"text": "weight at the start"}, "range": [-1, 1]},
        y={"title": {"text": "weight now"}, "range": [-1, 1]},
        hovermode="closest",
    )


def choices(config: RunConfig) -> list[Choice]:
    """Return the choice of the layer; no choice if there is only one layer."""
    names = layer_names(config)
    if len(names) == 1:
        return []
    every = Option("all layers", {i: {"visible": True} for i in range(len(names) + 1)})
    single = [
        # weights from inputs that are always 0 belong to the first layer
        Option(name, {i: {"visible": i == layer or (i == len(names) and layer == 0)} for i in range(len(names) + 1)})
        for layer, name in enumerate(names)
    ]
    return [Choice("layer", "Layer", (every, *single))]


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    view = telemetry.extracts.get("then")
    if view is None:
        return Update([])
    pairs = [*view.layers, view.unused_input_weights]
    across, up = (_limit([getattr(pair, side) for pair in pairs]) for side in ("initial", "current"))
    traces = [{"x": style.typed(pair.initial), "y": style.typed(pair.current)} for pair in pairs]
    return Update(
        [*traces, _line(view.decay, across)],
        {"xaxis.range": [-across, across], "yaxis.range": [-up, up]},
        _sentence(view),
        _note(view.decay),
    )


def _limit(arrays: list[np.ndarray]) -> float:
    """Return the next power of 2 above all values, so that the axis rarely changes."""
    largest = max(float(np.abs(array).max(initial=0)) for array in arrays)
    return 2.0 ** math.ceil(math.log2(largest)) if 0 < largest < math.inf else 1.0


def _line(decay: Decay | str, limit: float) -> dict[str, object]:
    """Return the decay line across the axis, with corners where weights become zero."""
    if isinstance(decay, str):
        return {"x": [], "y": []}
    corner = min(decay.dead_zone, limit)
    x = np.array([-limit, -corner, corner, limit])
    return {"x": style.typed(x), "y": style.typed(decay(x))}


def _note(decay: Decay | str) -> str:
    if isinstance(decay, str):
        return f"No line: {decay}."
    left = "" if decay.factor == 1 else f"{decay.factor:.3g} ".replace("-", "−")
    if not decay.shift:
        return f"Line: w = {left}w₀."
    stray = f", ± {decay.max_error:.2g} {decay.error_cause}".rstrip() if decay.max_error else ""
    return f"Line: w = sgn(w₀) · max({left}|w₀| − {decay.shift:.3g}, 0){stray}."


def _sentence(view: WeightComparison) -> str:
    """Return how far the weights have moved, in a sentence for screen readers."""
    moved = np.concatenate([np.abs(pair.current - pair.initial) for pair in view.layers])
    text = (
        f"Mini-batch {numbers.count(view.step)}: half of the weights shown have moved by {np.median(moved):.2g} or more"
    )
    if isinstance(view.decay, Decay) and len(view.unused_input_weights.initial):
        off = float(np.abs(view.decay(view.unused_input_weights.initial) - view.unused_input_weights.current).max())
        text += f"; those from inputs that are always 0 lie within {off:.1g} of the line"
    return text + "."
