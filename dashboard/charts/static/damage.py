"""Robustness: the accuracy of several networks with destroyed neurons."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts.escaping import escape_plotly
from dashboard.charts.overlays.line_styles import LineStyle
from dashboard.charts.palette import BLACK, OUTLINE, WHITE, Palette
from dashboard.charts.static.shared_style import band_traces, line_traces, static_figure
from engine.analysis.robustness import Robustness

NEURONS_PER_ROW = 25


def accuracy_curves(
    names: Sequence[str],
    line_styles: Sequence[LineStyle],
    results: Sequence[Robustness],
    palette: Palette,
    marked_share: float,
) -> go.Figure:
    """Return the chart of accuracy against the share of destroyed neurons.

    Args:
        names: the name of each network.
        line_styles: the line style of each network.
        results: for each network, the accuracies over random orders of destruction.
        palette: the colours of the theme.
        marked_share: the share of destroyed neurons with a vertical line, from 0 to 1.
    """
    bands = [
        trace
        for line_style, result in zip(line_styles, results, strict=True)
        for trace in band_traces(
            line_style,
            palette,
            100 * result.shares,
            100 * result.accuracies.min(axis=0),
            100 * result.accuracies.max(axis=0),
        )
    ]
    lines = [
        trace
        for name, line_style, result in zip(names, line_styles, results, strict=True)
        for trace in line_traces(name, line_style, palette, 100 * result.shares, 100 * result.mean, "%{y:.1f} %")
    ]
    chart = static_figure(
        palette,
        [*bands, *lines],
        x={"title": {"text": "hidden neurons destroyed, %"}, "range": [0, 100]},
        y={"title": {"text": "correct, %"}, "range": [0, 100]},
    )
    chart.add_vline(100 * marked_share, line={"color": palette.muted, "width": 1, "dash": "2px,2px"})
    return chart


def neuron_grid(neuron_count: int, destroyed_neurons: Collection[int], palette: Palette) -> go.Figure:
    """Return the chart of a hidden layer with neurons to click; destroyed neurons are hollow.

    Args:
        neuron_count: the number of neurons of the layer.
        destroyed_neurons: the indices of the destroyed neurons.
        palette: the colours of the theme.
    """
    indices = np.arange(neuron_count)
    is_destroyed = np.isin(indices, list(destroyed_neurons))
    rows = -(-neuron_count // NEURONS_PER_ROW)
    chart = static_figure(
        palette,
        [
            go.Scatter(
                x=indices % NEURONS_PER_ROW,
                y=indices // NEURONS_PER_ROW,
                mode="markers",
                customdata=indices,
                marker={
                    "size": 17 if rows <= 8 else 9,
                    "symbol": np.where(is_destroyed, "circle-open", "circle"),
                    "color": palette.neuron,
                    "line": {"color": palette.neuron, "width": 1.5},
                },
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},
                hovertemplate="neuron %{customdata}<extra></extra>",
                showlegend=False,
            )
        ],
        x={"visible": False, "range": [-0.8, NEURONS_PER_ROW - 0.2], "fixedrange": True},
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


def accuracy_bars(
    names: Sequence[str],
    line_styles: Sequence[LineStyle],
    accuracies_without_damage: Sequence[float],
    accuracies_with_damage: Sequence[float],
    palette: Palette,
) -> go.Figure:
    """Return the chart of each network's accuracy with damage, with a mark at the accuracy without.

    Args:
        names: the name of each network.
        line_styles: the line style of each network.
        accuracies_without_damage: the accuracy of each full network, from 0 to 1.
        accuracies_with_damage: the accuracy of each network without its destroyed neurons, from 0 to 1.
        palette: the colours of the theme.
    """
    labels = [escape_plotly(name) for name in names]
    chart = static_figure(
        palette,
        [
            go.Bar(
                y=labels,
                x=[100 * accuracy for accuracy in accuracies_with_damage],
                orientation="h",
                marker={
                    "color": [line_style.colour(palette) for line_style in line_styles],
                    "line": {
                        "color": OUTLINE,
                        "width": [1 if line_style.outlined else 0 for line_style in line_styles],
                    },
                },
                text=[f"{100 * accuracy:.1f} %" for accuracy in accuracies_with_damage],
                textposition="auto",
                insidetextfont={
                    "color": [_readable_text_colour(line_style.colour(palette)) for line_style in line_styles]
                },
                hovertemplate="%{x:.1f} %<extra></extra>",
                showlegend=False,
            ),
            go.Scatter(
                y=labels,
                x=[100 * accuracy for accuracy in accuracies_without_damage],
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


def _readable_text_colour(colour: str) -> str:
    """Return black or white, whichever has more contrast on a colour #RRGGBB (relative luminance, WCAG 2)."""
    rgb = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in rgb
    )
    return BLACK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else WHITE
