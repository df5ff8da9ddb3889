"""A panel: a title, a sentence that says what to look for, a figure, and what renews it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import plotly.graph_objects as go

from dashboard.charts.choice import Choice
from dashboard.charts.palette import Palette
from dashboard.charts.panels import (
    accuracy,
    boundary,
    committee,
    confusion,
    cost,
    dropout,
    lmbda,
    network,
    norms,
    pictures,
    spread,
    then,
    trained,
    tug,
    weights,
    wrong,
)
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.extracts import VIEWS
from engine.runs.history.telemetry import Telemetry

__all__ = ["PANELS", "Panel", "Update"]


@dataclass(frozen=True)
class Panel:
    """One panel of the board.

    Attributes:
        name: its name in the page, `data-panel`.
        title: in words. look: what to look for, one sentence, for a run.
        parts: the parts of the telemetry that it draws, as `Telemetry.sequence` names them; it is
            renewed when one of them has changed.
        figure: the figure with its axes and empty traces, made once; None for a panel of words alone.
        update: the data of its traces now.
        choices: what a person may choose in it.
        shown: whether it says anything about a run.
        every: seconds between two drawings of it while a run trains: a chart takes 20 ms of a browser to draw.
        large: whether it takes two rows and two columns of the grid.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    look: Callable[[RunConfig], str]
    figure: Callable[[RunConfig, Palette], go.Figure] | None
    update: Callable[[RunConfig, Telemetry], Update]
    choices: Callable[[RunConfig], list[Choice]] = lambda config: []
    shown: Callable[[RunConfig], bool] = lambda config: True
    every: float = 0.0
    large: bool = False

    @property
    def views(self) -> tuple[str, ...]:
        """The views that a run must make for it."""
        return tuple(part for part in self.parts if part in VIEWS)

    def sequence(self, telemetry: Telemetry) -> int:
        """A number that grows whenever what it draws has changed."""
        return sum(telemetry.sequence[part] for part in self.parts)


def _panel(
    name: str, title: str, parts: tuple[str, ...], chart: ModuleType, every: float = 0.0, large: bool = False
) -> Panel:
    """A panel drawn by the functions of its own module."""
    return Panel(
        name,
        title,
        parts,
        chart.look,
        getattr(chart, "figure", None),
        chart.update,
        getattr(chart, "choices", lambda config: []),
        getattr(chart, "shown", lambda config: True),
        every,
        large,
    )


PANELS = {
    panel.name: panel
    for panel in (
        _panel("boundary", "Decision boundary", ("plane",), boundary, large=True),
        _panel("cost", "Cost", ("epochs", "costs"), cost, every=0.2),
        _panel("accuracy", "Accuracy", ("epochs",), accuracy, every=0.2),
        _panel("weights", "Weight magnitudes", ("weights",), weights),
        _panel("spread", "Spread of the weights", ("over_time",), spread),
        _panel("norms", "Weights over time", ("over_time",), norms),
        _panel("then", "Then and now", ("then",), then),
        _panel("pictures", "Hidden units as pictures", ("pictures",), pictures),
        _panel("tug", "Tug of war", ("tug", "epochs"), tug),
        _panel("dropout", "Dropped neurons", ("ribbon",), dropout),
        _panel("network", "The thinned network", ("network",), network, every=0.15),
        _panel("trained", "How often each neuron trained", ("trained",), trained),
        _panel("committee", "Committee", ("committee",), committee),
        _panel("confusion", "Confusion matrix", ("confusion",), confusion),
        _panel("wrong", "Surest mistakes", ("confusion",), wrong),
        _panel("lmbda", "λ in words", ("lmbda", "epochs"), lmbda),
    )
}
