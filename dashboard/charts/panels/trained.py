"""How often each neuron has trained, against what is expected by chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.panels.no_dropout import nothing_to_drop
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.extracts.training_shares import TrainingShares
from engine.runs.history.telemetry import Telemetry


def look(config: RunConfig) -> str:
    if (why := nothing_to_drop(config, "every hidden neuron trains on every mini-batch")) is not None:
        return why
    return "By chance 19 of 20 neurons are in the band, which narrows over time."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    band = {"mode": "lines", "x": [], "y": [], "line": {"width": 0}, "hoverinfo": "skip"}
    traces: list[Any] = [
        go.Scatter(showlegend=False, **band),
        go.Scatter(name="chance ± 2 σ", fill="tonexty", fillcolor=palette.chance, **band),
        go.Scatter(
            name="neuron",
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
    if "trained" not in telemetry.extracts:
        return Update([])
    trained: TrainingShares | None = telemetry.extracts["trained"]
    if trained is None:  # before the first mini-batch: clear the counts of later ones
        nothing = style.typed(np.empty(0, np.float32))
        return Update(
            [{"x": nothing, "y": nothing}, {"x": nothing, "y": nothing}, {"y": nothing}], {"yaxis.range": [0, 101]}
        )
    edges, low, high, at = [], [], [], 0.5
    for shares, expected, deviation in zip(
        trained.shares, trained.expected_shares, trained.share_deviations, strict=True
    ):
        edges += [at, at + len(shares), np.nan]
        low += [100 * (expected - 2 * deviation)] * 2 + [np.nan]
        high += [100 * (expected + 2 * deviation)] * 2 + [np.nan]
        at += len(shares)
    x = style.typed(np.array(edges, np.float32))
    shares = 100 * np.concatenate(trained.shares)
    middle = 100 * float(np.mean(trained.expected_shares))
    widest = max(
        float(np.abs(shares - middle).max()), *(300 * deviation for deviation in trained.share_deviations), 0.5
    )
    outside = sum(
        int((np.abs(part - expected) > 2 * deviation + 1e-6).sum())
        for part, expected, deviation in zip(
            trained.shares, trained.expected_shares, trained.share_deviations, strict=True
        )
    )
    return Update(
        [
            {"x": x, "y": style.typed(np.array(low, np.float32))},
            {"x": x, "y": style.typed(np.array(high, np.float32))},
            {"y": style.typed(shares.astype(np.float32))},
        ],
        {"yaxis.range": [max(-1.0, middle - 1.15 * widest), min(101.0, middle + 1.15 * widest)]},
        f"After {numbers.count(trained.steps)} mini-batches {outside} of {len(shares)} neurons are outside the band of "
        f"two standard deviations around {middle:.1f} %.",
        visits(trained),
    )


def visits(trained: TrainingShares) -> str:
    """Return the number of different thinned networks so far, and of all that are possible."""
    if trained.log10_possible_networks == 0:
        return ""
    every = (
        f"10{_raised(round(trained.log10_possible_networks))}"
        if trained.log10_possible_networks >= 6
        else numbers.count(10**trained.log10_possible_networks)
    )
    met = numbers.count(trained.expected_visited_networks)
    return f"about {met} different thinned networks so far, of {every} possible"


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
