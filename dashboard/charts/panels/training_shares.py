"""How often each neuron has trained, with the expected range."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.panels.no_dropout import no_dropout_caption
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.extracts.training_shares import TrainingShares
from engine.runs.history.telemetry import Telemetry


def caption(config: RunConfig) -> str:
    if (reason := no_dropout_caption(config, "every hidden neuron trains")) is not None:
        return reason
    return "By chance 19 of 20 neurons are in the band."


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "The share of the mini-batches so far for which a hidden neuron was kept, in percent.",
        "The band is the expected share ± 2 standard deviations of the binomial distribution. It narrows over time.",
    )


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
            hovertemplate="neuron %{x:d}: %{y:.1f} %<extra></extra>",
        ),
    ]
    neuron_count = sum(config.hidden)
    return style.figure(
        palette,
        traces,
        x={
            **style.named_axis("neuron"),
            "range": [0, max(neuron_count, 1) + 1],
            "showgrid": False,
            "tickformat": "d",
        },
        y={"title": {"text": "trained on, %"}},
        hovermode="closest",
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    if "trained" not in telemetry.extracts:
        return Update([])
    trained: TrainingShares | None = telemetry.extracts["trained"]
    if trained is None:  # at step 0 no neuron has trained: remove the shares of later steps
        empty = style.encode_array(np.empty(0, np.float32))
        return Update([{"x": empty, "y": empty}, {"x": empty, "y": empty}, {"y": empty}], {"yaxis.range": [0, 101]})
    edges, low, high, left_edge = [], [], [], 0.5
    for shares, expected_share, deviation in zip(
        trained.shares, trained.expected_shares, trained.share_deviations, strict=True
    ):
        edges += [left_edge, left_edge + len(shares), np.nan]
        low += [100 * (expected_share - 2 * deviation)] * 2 + [np.nan]
        high += [100 * (expected_share + 2 * deviation)] * 2 + [np.nan]
        left_edge += len(shares)
    x = style.encode_array(np.array(edges, np.float32))
    shares = 100 * np.concatenate(trained.shares)
    mean_expected = 100 * float(np.mean(trained.expected_shares))
    half_range = max(
        float(np.abs(shares - mean_expected).max()), *(300 * deviation for deviation in trained.share_deviations), 0.5
    )
    outside = sum(
        int((np.abs(part - expected_share) > 2 * deviation + 1e-6).sum())
        for part, expected_share, deviation in zip(
            trained.shares, trained.expected_shares, trained.share_deviations, strict=True
        )
    )
    return Update(
        [
            {"x": x, "y": style.encode_array(np.array(low, np.float32))},
            {"x": x, "y": style.encode_array(np.array(high, np.float32))},
            {"y": style.encode_array(shares.astype(np.float32))},
        ],
        {"yaxis.range": [max(-1.0, mean_expected - 1.15 * half_range), min(101.0, mean_expected + 1.15 * half_range)]},
        f"After {numbers.count(trained.steps)} mini-batches {outside} of {len(shares)} neurons are outside the band of "
        f"two standard deviations around {mean_expected:.1f} %.",
        thinned_networks_note(trained),
    )


def thinned_networks_note(trained: TrainingShares) -> str:
    """Return a note on the number of different thinned networks up to this step, and of all possible ones."""
    if trained.log10_possible_networks == 0:
        return ""
    possible = (
        f"10{_superscript(round(trained.log10_possible_networks))}"
        if trained.log10_possible_networks >= 6
        else numbers.count(10**trained.log10_possible_networks)
    )
    visited = numbers.count(trained.expected_visited_networks)
    return f"about {visited} different thinned networks so far, of {possible} possible"


def _superscript(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
