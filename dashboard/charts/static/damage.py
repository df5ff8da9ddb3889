"""Robustness: the accuracy of several networks with destroyed neurons."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.escaping import for_plotly
from dashboard.charts.overlays.looks import Look
from dashboard.charts.palette import BLACK, OUTLINE, WHITE, Palette
from dashboard.charts.static.lines import band, figure, line
from engine.analysis.robustness import Robustness

ACROSS = 25  # neurons in a row


def curves(
    names: Sequence[str], looks: Sequence[Look], found: Sequence[Robustness], palette: Palette, share: float
) -> go.Figure:
    """Return the chart of accuracy against the share of destroyed neurons.

    Args:
        names, looks: of each network.
        found: for each network, its accuracies over random orders.
        palette: colours of the theme.
        share: share of destroyed neurons that is marked, 0 … 1.
    """
    bands = [
        trace
        for look, each in zip(looks, found, strict=True)
        for trace in band(
            look, palette, 100 * each.shares, 100 * each.accuracies.min(axis=0), 100 * each.accuracies.max(axis=0)
        )
    ]
    lines = [
        trace
        for name, look, each in zip(names, looks, found, strict=True)
        for trace in line(name, look, palette, 100 * each.shares, 100 * each.mean, "%{y:.1f} %")
    ]
    chart = figure(
        palette,
        [*bands, *lines],
        x={"title": {"text": "hidden neurons destroyed, %"}, "range": [0, 100]},
        y={"title": {"text": "correct, %"}, "range": [0, 100]},
    )
    chart.add_vline(100 * share, line={"color": palette.muted, "width": 1, "dash": "2px,2px"})
    return chart


def neurons(width: int, gone: Collection[int], palette: Palette) -> go.Figure:
    """Return the chart of a hidden layer whose neurons can be clicked; destroyed ones are hollow."""
    index = np.arange(width)
    dead = np.isin(index, list(gone))
    rows = -(-width // ACROSS)
    chart = figure(
        palette,
        [
            go.Scatter(
                x=index % ACROSS,
                y=index // ACROSS,
                mode="markers",
                customdata=index,
                marker={
                    "size": 17 if rows <= 8 else 9,
                    "symbol": np.where(dead, "circle-open", "circle"),
                    "color": palette.neuron,
                    "line": {"color": palette.neuron, "width": 1.5},
                },
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},
                hovertemplate="neuron %{customdata}<extra></extra>",
                showlegend=False,
            )
        ],
        x={"visible": False, "range": [-0.8, ACROSS - 0.2], "fixedrange": True},
        y={"visible": False, "range": [rows - 0.4, -0.6], "fixedrange": True},
    )
    chart.update_layout(
        height=max(70, min(300, 30 * rows + 24)),
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        hovermode="closest",
        clickmode="event+select",
        dragmode=False,
    )
    return chart


def bars(
    names: Sequence[str], looks: Sequence[Look], whole: Sequence[float], left: Sequence[float], palette: Palette
) -> go.Figure:
    """Return the chart of each network's accuracy now, with a mark at its accuracy without damage."""
    words = [for_plotly(name) for name in names]
    chart = figure(
        palette,
        [
            go.Bar(
                y=words,
                x=[100 * value for value in left],
                orientation="h",
                marker={
                    "color": [look.colour(palette) for look in looks],
                    "line": {"color": OUTLINE, "width": [1 if look.outlined else 0 for look in looks]},
                },
                text=[f"{100 * value:.1f} %" for value in left],
                textposition="auto",
                insidetextfont={"color": [_ink(look.colour(palette)) for look in looks]},
                hovertemplate="%{x:.1f} %<extra></extra>",
                showlegend=False,
            ),
            go.Scatter(
                y=words,
                x=[100 * value for value in whole],
                mode="markers",
                marker={"symbol": "line-ns", "size": 22, "line": {"width": 2, "color": palette.text}},
                hovertemplate="no damage: %{x:.1f} %<extra></extra>",
                showlegend=False,
            ),
        ],
        x={"title": {"text": "correct, %"}, "range": [0, 100]},
        y={"autorange": "reversed", "ticksuffix": "  ", "automargin": True},
    )
    chart.update_layout(height=58 + 36 * len(names), margin={"l": 8, "r": 16, "t": 8, "b": 40}, bargap=0.35)
    chart.update_layout(hovermode="closest")
    return chart


def _ink(colour: str) -> str:
    """Return black or white, whichever has more contrast on a colour #rrggbb (relative luminance, WCAG 2)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return BLACK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else WHITE
