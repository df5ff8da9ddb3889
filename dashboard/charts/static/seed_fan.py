"""The chart of a seed fan: for each setting the mean over the seeds, and the range of all seeds."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts import style
from dashboard.charts.overlays.line_styles import LineStyle
from dashboard.charts.palette import Palette
from dashboard.charts.static.shared_style import band_traces, line_traces, static_figure
from engine.runs.server.seed_fan import Band


def accuracy_chart(
    names: Sequence[str], line_styles: Sequence[LineStyle], bands: Sequence[Band], palette: Palette
) -> go.Figure:
    """Return the chart of the evaluation accuracy over the epochs, in percent.

    Args:
        names: the name of each setting.
        line_styles: the line style of each setting.
        bands: the mean and the range over the seeds of each setting.
        palette: the colours of the theme.
    """
    areas = [
        trace
        for line_style, band in zip(line_styles, bands, strict=True)
        for trace in _seed_range(line_style, band, palette)
    ]
    lines = [
        trace
        for name, line_style, band in zip(names, line_styles, bands, strict=True)
        for trace in line_traces(name, line_style, palette, band.epochs, 100 * band.mean, "%{y:.1f} %")
    ]
    last_epoch = max((float(band.epochs[-1]) for band in bands if band.seeds), default=1.0)
    highest = max((100 * float(band.high.max()) for band in bands if band.seeds), default=100.0)
    # the low accuracies of the first epochs would flatten the rest of the lines
    minima_without_first_third = [100 * float(band.low[len(band.low) // 3 :].min()) for band in bands if band.seeds]
    axis_minimum = max(0.0, min(minima_without_first_third, default=0.0) - 2)
    return static_figure(
        palette,
        [*areas, *lines],
        x=style.epoch_axis(max(1, round(last_epoch))),
        y={"title": {"text": "correct, %"}, "range": [axis_minimum, min(100.0, highest + 2)]},
    )


def _seed_range(line_style: LineStyle, band: Band, palette: Palette) -> list[go.Scatter]:
    return band_traces(line_style, palette, band.epochs, 100 * band.low, 100 * band.high) if band.seeds else []
