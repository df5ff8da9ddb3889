"""Early stopping and a penalty: the distance between an unregularized network and its penalized twin."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.overlays.line_styles import NO_REGULARIZER
from dashboard.charts.palette import Palette
from dashboard.charts.static.shared_style import line_traces, static_figure
from engine.analysis.early_stopping_twin import WeightDistances
from engine.families.penalties.penalty import EquivalentEarlyStopping, Penalty, lowercase_unless_acronym


def distance_chart(
    nearest: WeightDistances, steps_per_epoch: int, epochs: int, penalty: type[Penalty], palette: Palette
) -> go.Figure:
    """Return the chart of the distance of the weights over the epochs, with its lowest point marked.

    Args:
        nearest: the distances and their lowest point.
        steps_per_epoch: the number of mini-batches of an epoch.
        epochs: the length of the axis.
        penalty: the penalty of the twin.
        palette: the colours of the theme.
    """
    epoch_values = nearest.steps / steps_per_epoch
    name = f"distance from the weights with {lowercase_unless_acronym(penalty.name)}"
    chart = static_figure(
        palette,
        line_traces(name, NO_REGULARIZER, palette, epoch_values, nearest.distances, "%{y:.3g}"),
        x=style.epoch_axis(epochs),
        y={"title": {"text": f"‖w − w({penalty.short_name})‖"}, "rangemode": "tozero"},
    )
    chart.add_trace(
        go.Scatter(
            name="nearest",
            x=[epoch_values[nearest.closest]],
            y=[nearest.distances[nearest.closest]],
            mode="markers",
            marker={"symbol": "circle-open", "size": 12, "color": palette.validation, "line": {"width": 2}},
            hovertemplate="epoch %{x:.1f}<extra></extra>",
        )
    )
    return chart


def describe_nearest(
    nearest: WeightDistances, steps_per_epoch: int, penalty: type[Penalty], predicted: EquivalentEarlyStopping
) -> str:
    """Return a sentence with the epoch of the lowest distance, that distance and the predicted epoch."""
    intervals = np.diff(nearest.steps)
    precision = f" (to within {intervals.max() / steps_per_epoch:.1f} epochs)" if len(intervals) else ""
    return (
        "Without a penalty the weights were nearest to those of the "
        f"{lowercase_unless_acronym(penalty.name)} run at epoch "
        f"{nearest.step / steps_per_epoch:.1f}{precision}, at a distance of {numbers.percent(nearest.relative)} of "
        f"their length. The rule of thumb {predicted.formula} predicts epoch "
        f"{predicted.updates / steps_per_epoch:.1f}; it holds near a minimum, for small steps."
    )
