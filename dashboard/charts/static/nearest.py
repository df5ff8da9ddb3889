"""Early stopping against L2: how far the unregularized network was from its L2 twin, on its way."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.overlays.looks import NO_REGULARIZER
from dashboard.charts.palette import Palette
from dashboard.charts.static.lines import figure, line
from engine.analysis.nearest_to_l2 import Nearest


def distances(found: Nearest, steps_per_epoch: int, epochs: int, palette: Palette) -> go.Figure:
    """The distance of the weights over the epochs, and its lowest point."""
    x = found.steps / steps_per_epoch
    chart = figure(
        palette,
        line("distance from the L2 run’s weights", NO_REGULARIZER, palette, x, found.distances, "%{y:.3g}"),
        x=style.epoch_axis(epochs),
        y={"title": {"text": "‖w − w(L2)‖"}, "rangemode": "tozero"},
    )
    chart.add_trace(
        go.Scatter(
            name="nearest",
            x=[x[found.at]],
            y=[found.distances[found.at]],
            mode="markers",
            marker={"symbol": "circle-open", "size": 12, "color": palette.validation, "line": {"width": 2}},
            hovertemplate="epoch %{x:.1f}<extra></extra>",
        )
    )
    return chart


def sentence(found: Nearest, steps_per_epoch: int, predicted: float) -> str:
    """Where it was nearest, how near that is, and what the rule of thumb says."""
    apart = np.diff(found.steps)
    grid = f", known to {apart.max() / steps_per_epoch:.1f} epochs" if len(apart) else ""
    return (
        f"Without a penalty the weights came nearest to those of the L2 run at epoch "
        f"{found.step / steps_per_epoch:.1f}{grid}: {numbers.percent(found.relative)} of their length away. "
        f"The rule of thumb n/(ηλ) says epoch {predicted / steps_per_epoch:.1f}; "
        "it holds near a minimum, for small steps."
    )
