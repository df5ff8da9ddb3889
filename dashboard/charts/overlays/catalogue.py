"""The panels for several runs. Each panel draws all runs on the same axes."""

from __future__ import annotations

from dashboard.charts.overlays import accuracies, costs, gaps, histograms, sparsity, sums
from dashboard.charts.panel import Panel

# A browser takes 20 ms to draw a chart, so each of the six is drawn only a few times a second. The charts have no
# legends: the table above the panels shows the line style of each run.
OVERLAYS = {
    panel.name: panel
    for panel in (
        Panel.from_module("accuracies", "Accuracy", ("epochs",), accuracies, redraw_interval=0.3),
        Panel.from_module("costs", "Cost", ("epochs",), costs, redraw_interval=0.3),
        Panel.from_module("gaps", "Gap", ("epochs",), gaps, redraw_interval=0.5),
        Panel.from_module("sums", "Size of the weights", ("over_time",), sums, redraw_interval=0.5),
        Panel.from_module("sparsity", "Sparsity", ("over_time",), sparsity, redraw_interval=0.7),
        Panel.from_module("histograms", "Weight histograms", ("weights",), histograms, redraw_interval=0.4),
    )
}
