"""A panel: a title, a sentence that says what to look for, a figure, and what renews it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.charts import (
    accuracy,
    boundary,
    committee,
    cost,
    dropout,
    lmbda,
    network,
    norms,
    spread,
    then,
    trained,
    tug,
    weights,
)
from dashboard.charts.choice import Choice
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.telemetry import Telemetry
from engine.runs.views import VIEWS

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
        tall: whether it takes two rows of the grid.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    look: Callable[[RunConfig], str]
    figure: Callable[[RunConfig, Palette], go.Figure] | None
    update: Callable[[RunConfig, Telemetry], Update]
    choices: Callable[[RunConfig], list[Choice]] = lambda config: []
    shown: Callable[[RunConfig], bool] = lambda config: True
    tall: bool = False

    @property
    def views(self) -> tuple[str, ...]:
        """The views that a run must make for it."""
        return tuple(part for part in self.parts if part in VIEWS)

    def sequence(self, telemetry: Telemetry) -> int:
        """A number that grows whenever what it draws has changed."""
        return sum(telemetry.sequence[part] for part in self.parts)


PANELS = {
    panel.name: panel
    for panel in (
        Panel(
            "boundary",
            "Decision boundary",
            ("plane",),
            boundary.look,
            boundary.figure,
            boundary.update,
            shown=boundary.shown,
            tall=True,
        ),
        Panel("cost", "Cost", ("epochs", "costs"), cost.look, cost.figure, cost.update, cost.choices),
        Panel("accuracy", "Accuracy", ("epochs",), accuracy.look, accuracy.figure, accuracy.update),
        Panel("weights", "Weight magnitudes", ("weights",), weights.look, weights.figure, weights.update),
        Panel(
            "spread",
            "Spread of the weights",
            ("over_time",),
            spread.look,
            spread.figure,
            spread.update,
            choices=spread.choices,
        ),
        Panel(
            "norms",
            "Weights over time",
            ("over_time",),
            norms.look,
            norms.figure,
            norms.update,
            choices=norms.choices,
        ),
        Panel("then", "Then and now", ("then",), then.look, then.figure, then.update, choices=then.choices),
        Panel("dropout", "Dropped neurons", ("ribbon",), dropout.look, dropout.figure, dropout.update),
        Panel("network", "The thinned network", ("network",), network.look, network.figure, network.update),
        Panel("trained", "How often each neuron trained", ("trained",), trained.look, trained.figure, trained.update),
        Panel(
            "committee",
            "Committee",
            ("committee",),
            committee.look,
            committee.figure,
            committee.update,
            choices=committee.choices,
        ),
        Panel("tug", "Tug of war", ("tug", "epochs"), tug.look, tug.figure, tug.update, tug.choices),
        Panel("lmbda", "λ in words", ("lmbda", "epochs"), lmbda.look, None, lmbda.update),
    )
}
