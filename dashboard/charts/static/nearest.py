"""Early stopping against a penalty: the distance of an unregularized network from its penalized twin."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.overlays.looks import NO_REGULARIZER
from dashboard.charts.palette import Palette
from dashboard.charts.static.lines import figure, line
from engine.analysis.early_stopping_twin import WeightDistances
from engine.families.penalties.penalty import EquivalentStop, Penalty, name_in_sentence


def distances(
    found: WeightDistances, steps_per_epoch: int, epochs: int, penalty: type[Penalty], palette: Palette
) -> go.Figure:
    """Return a chart of the distance of the weights over the epochs, with its lowest point marked."""
    x = found.steps / steps_per_epoch
    name = f"distance from the weights with {name_in_sentence(penalty.name)}"
    chart = figure(
        palette,
        line(name, NO_REGULARIZER, palette, x, found.distances, "%{y:.3g}"),
        x=style.epoch_axis(epochs),
        y={"title": {"text": f"‖w − w({penalty.short_name})‖"}, "rangemode": "tozero"},
    )
    chart.add_trace(
        go.Scatter(
            name="nearest",
            x=[x[found.closest]],
            y=[found.distances[found.closest]],
            mode="markers",
            marker={"symbol": "circle-open", "size": 12, "color": palette.validation, "line": {"width": 2}},
            hovertemplate="epoch %{x:.1f}<extra></extra>",
        )
    )
    return chart


def sentence(found: WeightDistances, steps_per_epoch: int, penalty: type[Penalty], predicted: EquivalentStop) -> str:
    """Return when the network was closest, at what distance, and what the rule of thumb predicts."""
    intervals = np.diff(found.steps)
    precision = f", known to {intervals.max() / steps_per_epoch:.1f} epochs" if len(intervals) else ""
    return (
        f"Without a penalty the weights came nearest to those of the {name_in_sentence(penalty.name)} run at epoch "
        f"{found.step / steps_per_epoch:.1f}{precision}: {numbers.percent(found.relative)} of their length away. "
        f"The rule of thumb {predicted.formula} says epoch {predicted.updates / steps_per_epoch:.1f}; "
        "it holds near a minimum, for small steps."
    )
