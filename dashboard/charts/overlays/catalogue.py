"""The panels for several runs. Each panel draws all runs on the same axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashboard.charts.overlays import accuracies, boundaries, costs, gaps, histograms, sparsity, sums
from dashboard.charts.panel import Panel
from engine import RunConfig

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
# The first panel of runs with points in a plane, up to four side by side. 20 kB for four runs: at this interval they
# need less of the network than the boundary of one run does.
BOUNDARIES = Panel.from_module(
    "boundaries", "Decision boundaries", ("plane",), boundaries, redraw_interval=0.4, is_wide=True
)
ALL_PANELS = {BOUNDARIES.name: BOUNDARIES, **OVERLAYS}


def panels_of_runs(configs: Iterable[RunConfig]) -> Mapping[str, Panel]:
    """Return the panels for several runs in order, by name."""
    return ALL_PANELS if any(map(boundaries.has_plane, configs)) else OVERLAYS
