"""A seed fan: for each setting the mean over the seeds, and the range of all seeds."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts import style
from dashboard.charts.overlays.looks import Look
from dashboard.charts.palette import Palette
from dashboard.charts.static.lines import band, figure, line
from engine.runs.server.seed_fan import Band


def accuracies(names: Sequence[str], looks: Sequence[Look], bands: Sequence[Band], palette: Palette) -> go.Figure:
    """Return the chart of the evaluation accuracy over the epochs, in percent."""
    filled = [trace for look, each in zip(looks, bands, strict=True) for trace in _filled(look, each, palette)]
    lines = [
        trace
        for name, look, each in zip(names, looks, bands, strict=True)
        for trace in line(name, look, palette, each.epochs, 100 * each.mean, "%{y:.1f} %")
    ]
    last = max((float(each.epochs[-1]) for each in bands if each.seeds), default=1.0)
    highest = max((100 * float(each.high.max()) for each in bands if each.seeds), default=100.0)
    settled = [100 * float(each.low[len(each.low) // 3 :].min()) for each in bands if each.seeds]
    lowest = max(
        0.0, min(settled, default=0.0) - 2
    )  # the low accuracy of the first epochs would flatten all the others
    return figure(
        palette,
        [*filled, *lines],
        x=style.epoch_axis(max(1, round(last))),
        y={"title": {"text": "correct, %"}, "range": [lowest, min(100.0, highest + 2)]},
    )


def _filled(look: Look, each: Band, palette: Palette) -> list[go.Scatter]:
    return band(look, palette, each.epochs, 100 * each.low, 100 * each.high) if each.seeds else []
