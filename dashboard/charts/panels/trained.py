"""How often each neuron has trained: chance treats all alike, within what chance allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.panels.no_dropout import nothing_to_drop
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.extracts.trained import Trained
from engine.runs.history.telemetry import Telemetry


def look(config: RunConfig) -> str:
    if (why := nothing_to_drop(config, "every hidden neuron trains on every mini-batch")) is not None:
        return why
    return "Nineteen neurons in twenty stay in the band; it narrows as mini-batches go by."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    band = {"mode": "lines", "x": [], "y": [], "line": {"width": 0}, "hoverinfo": "skip"}
    traces: list[Any] = [
        go.Scatter(showlegend=False, **band),
        go.Scatter(name="chance ± 2 σ", fill="tonexty", fillcolor=palette.chance, **band),
        go.Scatter(
            name="a neuron",
            mode="markers",
            x0=1,
            dx=1,
            y=[],
            marker={"size": 4, "color": palette.neuron},
            hovertemplate="neuron %{x}: %{y:.1f} %<extra></extra>",
        ),
    ]
    total = sum(config.hidden)
    return style.figure(
        palette,
        traces,
        x={"title": {"text": "hidden neuron"}, "range": [0, max(total, 1) + 1], "showgrid": False, "tickformat": "d"},
        y={"title": {"text": "mini-batches trained on, %"}},
        hovermode="closest",
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    if "trained" not in telemetry.views:
        return Update([])
    trained: Trained | None = telemetry.views["trained"]
    if trained is None:  # before the first mini-batch: who looks back to the start must not see the counts of later
        nothing = style.typed(np.empty(0, np.float32))
        return Update(
            [{"x": nothing, "y": nothing}, {"x": nothing, "y": nothing}, {"y": nothing}], {"yaxis.range": [0, 101]}
        )
    edges, low, high, at = [], [], [], 0.5
    for shares, expected, deviation in zip(trained.shares, trained.expected, trained.deviation, strict=True):
        edges += [at, at + len(shares), np.nan]
        low += [100 * (expected - 2 * deviation)] * 2 + [np.nan]
        high += [100 * (expected + 2 * deviation)] * 2 + [np.nan]
        at += len(shares)
    x = style.typed(np.array(edges, np.float32))
    shares = 100 * np.concatenate(trained.shares)
    middle = 100 * float(np.mean(trained.expected))
    widest = max(float(np.abs(shares - middle).max()), *(300 * deviation for deviation in trained.deviation), 0.5)
    outside = sum(
        int((np.abs(part - expected) > 2 * deviation + 1e-6).sum())
        for part, expected, deviation in zip(trained.shares, trained.expected, trained.deviation, strict=True)
    )
    return Update(
        [
            {"x": x, "y": style.typed(np.array(low, np.float32))},
            {"x": x, "y": style.typed(np.array(high, np.float32))},
            {"y": style.typed(shares.astype(np.float32))},
        ],
        {"yaxis.range": [max(-1.0, middle - 1.15 * widest), min(101.0, middle + 1.15 * widest)]},
        f"After {numbers.count(trained.steps)} mini-batches {outside} of {len(shares)} neurons have trained more or "
        f"less often than two standard deviations of chance around {middle:.1f} %.",
        visits(trained),
    )


def visits(trained: Trained) -> str:
    """The thinned networks met so far, of all that there are."""
    if trained.possible == 0:
        return ""
    every = f"10{_raised(round(trained.possible))}" if trained.possible >= 6 else numbers.count(10**trained.possible)
    met = numbers.count(trained.visited)
    return f"about {met} thinned networks met, of {every}"


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
