"""The panels for several runs; each draws all runs on the same axes."""

from __future__ import annotations

from dashboard.charts.overlays import accuracies, costs, gaps, histograms, sparsity, sums
from dashboard.charts.panel import Panel

# Drawing a chart takes a browser 20 ms, so each of the six is drawn only a few times a second. They have no legends:
# the table above the panels shows the line of each run.
OVERLAYS = {
    panel.name: panel
    for panel in (
        Panel.from_module("accuracies", "Accuracy", ("epochs",), accuracies, every=0.3, legend=False),
        Panel.from_module("costs", "Cost", ("epochs",), costs, every=0.3, legend=False),
        Panel.from_module("gaps", "Gap", ("epochs",), gaps, every=0.5, legend=False),
        Panel.from_module("sums", "Size of the weights", ("over_time",), sums, every=0.5, legend=False),
        Panel.from_module("sparsity", "Sparsity", ("over_time",), sparsity, every=0.7, legend=False),
        Panel.from_module("histograms", "Weight histograms", ("weights",), histograms, every=0.4, legend=False),
    )
}
