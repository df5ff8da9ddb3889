"""Current weights against initial weights, with a line for weights that only the penalty changes."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.weights import layer_names
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.decay import Decay
from engine.families.penalties import penalty_of
from engine.runs.extracts.initial_and_current import WeightComparison
from engine.runs.history.telemetry import Telemetry

LAYER_SYMBOLS = ("circle", "diamond", "square", "triangle-up")


def caption(config: RunConfig) -> str:
    penalties = penalty_of(config, n=1)
    if isinstance(penalties.decay_step(0.0), str):
        return "There is no line for the penalty alone."
    if penalties:
        return "On the line: changed by the penalty alone."
    return "On the line: unchanged since the start."


def about(config: RunConfig) -> tuple[str, ...]:
    decay = penalty_of(config, n=1).decay_step(0.0)
    return (
        "Each point is a weight: its initial value to the right, its current value upwards. Hollow: weights from "
        "inputs that are 0 in every training example.",
        f"There is no line for the penalty alone: {decay}."
        if isinstance(decay, str)
        else "The line is the value that a weight has if only the penalty has changed it, and not the data.",
        measured.AT_STEP,
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    layer_labels = layer_names(config)
    hover = "initial %{x:.3f}, current %{y:.3f}"
    layers = [
        go.Scatter(
            name=name,
            mode="markers",
            x=[],
            y=[],
            marker={"color": palette.layers[i % 4], "size": 4, "symbol": LAYER_SYMBOLS[i % 4], "opacity": 0.6},
            hovertemplate=hover,
        )
        for i, name in enumerate(layer_labels)
    ]
    from_zero_inputs = go.Scatter(
        name="from unused inputs",
        mode="markers",
        x=[],
        y=[],
        marker={"color": palette.text, "size": 7, "symbol": "circle-open", "line": {"width": 1}},
        hovertemplate=hover,
    )
    decay_line = go.Scatter(
        name="penalty alone" if penalty_of(config, n=1) else "unchanged",
        mode="lines",
        x=[],
        y=[],
        line={"color": palette.penalty, "width": 2},
        hoverinfo="skip",
    )
    return style.figure(
        palette,
        [*layers, from_zero_inputs, decay_line],
        x=style.named_axis("initial", range=[-1, 1]),
        y={"title": {"text": "current weight"}, "range": [-1, 1]},
        hovermode="closest",
    )


def choices(config: RunConfig) -> list[Choice]:
    """Return the drop-down list of layers; no list if there is only one layer."""
    names = layer_names(config)
    if len(names) == 1:
        return []
    all_layers = Option("all layers", {i: {"visible": True} for i in range(len(names) + 1)})
    single_layers = [
        # weights from inputs that are always 0 belong to the first layer
        Option(name, {i: {"visible": i == layer or (i == len(names) and layer == 0)} for i in range(len(names) + 1)})
        for layer, name in enumerate(names)
    ]
    return [Choice("layer", "Layer", (all_layers, *single_layers))]


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    extract = telemetry.extracts.get("then")
    if extract is None:
        return Update([])
    pairs = [*extract.layers, extract.unused_input_weights]
    x_limit, y_limit = (_axis_limit([getattr(pair, side) for pair in pairs]) for side in ("initial", "current"))
    traces = [{"x": style.encode_array(pair.initial), "y": style.encode_array(pair.current)} for pair in pairs]
    return Update(
        [*traces, _decay_line(extract.decay, x_limit)],
        {"xaxis.range": [-x_limit, x_limit], "yaxis.range": [-y_limit, y_limit]},
        _screen_reader_text(extract),
        _decay_formula(extract.decay),
    )


def _axis_limit(arrays: list[np.ndarray]) -> float:
    """Return the limit of an axis: a power of 2, so that the axis rarely changes."""
    largest = max(float(np.abs(array).max(initial=0)) for array in arrays)
    return 2.0 ** math.ceil(math.log2(largest)) if 0 < largest < math.inf else 1.0


def _decay_line(decay: Decay | str, limit: float) -> dict[str, object]:
    """Return the line data of the decay, with corners at the ends of the dead zone."""
    if isinstance(decay, str):
        return {"x": [], "y": []}
    corner = min(decay.dead_zone, limit)
    x = np.array([-limit, -corner, corner, limit])
    return {"x": style.encode_array(x), "y": style.encode_array(decay(x))}


def _decay_formula(decay: Decay | str) -> str:
    """Return the formula of the decay line, or the reason why there is no line."""
    if isinstance(decay, str):
        return f"No line: {decay}."
    factor = "" if decay.factor == 1 else f"{decay.factor:.3g} ".replace("-", "−")
    if not decay.shift:
        return f"Line: w = {factor}w₀."
    deviation = f", ± {decay.max_error:.2g} {decay.error_cause}".rstrip() if decay.max_error else ""
    return f"Line: w = sgn(w₀) · max({factor}|w₀| − {decay.shift:.3g}, 0){deviation}."


def _screen_reader_text(extract: WeightComparison) -> str:
    """Return a sentence for screen readers on the distances between initial and current weights."""
    distances = np.concatenate([np.abs(pair.current - pair.initial) for pair in extract.layers])
    text = (
        f"Mini-batch {numbers.count(extract.step)}: half of the weights shown have changed by "
        f"{np.median(distances):.2g} or more"
    )
    if isinstance(extract.decay, Decay) and len(extract.unused_input_weights.initial):
        distance = float(
            np.abs(extract.decay(extract.unused_input_weights.initial) - extract.unused_input_weights.current).max()
        )
        text += f"; those from inputs that are always 0 lie within {distance:.1g} of the line"
    return text + "."
