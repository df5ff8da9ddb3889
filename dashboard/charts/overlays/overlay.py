"""An overlay: a panel that draws several runs at once. The table of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

import plotly.graph_objects as go

from dashboard.charts.choice import Choice
from dashboard.charts.overlays import accuracies, costs, gaps, histograms, sparsity, sums
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine.runs.extracts import VIEWS

Entrants = Sequence[Entrant]


@dataclass(frozen=True)
class Overlay:
    """One panel of a board of several runs: what `charts.panel.Panel` is to a board of one.

    Attributes:
        name: its name in the page, that of no other panel. title: in words.
        parts: the parts of the telemetry that it draws, as `Telemetry.sequence` names them.
        look: what to look for, one sentence.
        figure: the figure with its axes and empty traces, made once: it asks the entrants for name and config alone.
        update: the data of its traces now.
        choices: what a person may choose in it.
        every: seconds between two drawings of it while a run trains.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    look: Callable[[Entrants], str]
    figure: Callable[[Entrants, Palette], go.Figure]
    update: Callable[[Entrants], Update]
    choices: Callable[[Entrants], list[Choice]]
    every: float
    large: bool = False

    @property
    def views(self) -> tuple[str, ...]:
        """The views that every run must make for it."""
        return tuple(part for part in self.parts if part in VIEWS)

    def sequence(self, entrants: Entrants) -> int:
        """A number that grows whenever what it draws has changed: the sum of the runs' own, which only grow."""
        return sum(entrant.telemetry.sequence[part] for entrant in entrants for part in self.parts)


def _overlay(name: str, title: str, parts: tuple[str, ...], chart: ModuleType, every: float) -> Overlay:
    """An overlay drawn by the functions of its own module."""
    choices: Callable[[Entrants], list[Choice]] = getattr(chart, "choices", lambda entrants: [])
    return Overlay(name, title, parts, chart.look, chart.figure, chart.update, choices, every)


# A chart takes 20 ms of a browser to draw, and these six share them: each comes a few times a second.
VERSUS = {
    overlay.name: overlay
    for overlay in (
        _overlay("accuracies", "Accuracy", ("epochs",), accuracies, every=0.3),
        _overlay("costs", "Cost", ("epochs",), costs, every=0.3),
        _overlay("gaps", "Gap", ("epochs",), gaps, every=0.5),
        _overlay("sums", "Size of the weights", ("over_time",), sums, every=0.5),
        _overlay("sparsity", "Sparsity", ("over_time",), sparsity, every=0.7),
        _overlay("histograms", "Weight histograms", ("weights",), histograms, every=0.4),
    )
}
