"""A panel: a title, a sentence that says what to look for, a figure, and what renews it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.charts import accuracy, boundary, cost, dropout, weights
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.telemetry import Telemetry

__all__ = ["PANELS", "Panel", "Update", "panels_of"]


@dataclass(frozen=True)
class Panel:
    """One panel of the board.

    Attributes:
        name: its name in the page, `data-panel`.
        tall: whether it takes two rows of the grid.
        title: in words. look: what to look for, one sentence, for a run.
        part: the part of the telemetry that it draws; it is renewed when that has changed.
        figure: the figure with its axes and empty traces, made once.
        update: the data of its traces now.
    """

    name: str
    title: str
    part: str
    look: Callable[[RunConfig], str]
    figure: Callable[[RunConfig, Palette], go.Figure]
    update: Callable[[RunConfig, Telemetry], Update]
    tall: bool = False

    def empty(self, config: RunConfig, palette: Palette) -> dict[str, Any]:
        """The figure as plain JSON, ready to be mounted."""
        figure: dict[str, Any] = self.figure(config, palette).to_plotly_json()
        return figure


PANELS = {
    panel.name: panel
    for panel in (
        Panel("boundary", "Decision boundary", "plane", boundary.look, boundary.figure, boundary.update, tall=True),
        Panel("cost", "Cost", "epochs", cost.look, cost.figure, cost.update),
        Panel("accuracy", "Accuracy", "epochs", accuracy.look, accuracy.figure, accuracy.update),
        Panel("weights", "Weight magnitudes", "weights", weights.look, weights.figure, weights.update),
        Panel("dropout", "Dropped neurons", "ribbon", dropout.look, dropout.figure, dropout.update),
    )
}


def panels_of(config: RunConfig) -> list[Panel]:
    """The panels that say something about a run, in the order of the board."""
    return [panel for panel in PANELS.values() if panel.name != "boundary" or boundary.shown(config)]
