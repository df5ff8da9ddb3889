"""Σw² and Σ|w| of several runs over time: what the penalties charge for, also where none is charged."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts import numbers
from dashboard.charts.choice import Choice, Option
from dashboard.charts.overlays import magnitudes, strokes
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update

QUANTITIES = {"Σw²": "squares", "Σ|w|": "absolute"}


def look(entrants: Sequence[Entrant]) -> str:
    return "A penalty holds the weights; without one they grow as long as there is something to fit."


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    lines = [
        trace for label in QUANTITIES for trace in strokes.traces(entrants, palette, "%{y:.3g}", visible=label == "Σw²")
    ]
    return strokes.over_epochs(entrants, palette, lines, title={"text": "Σw²"}, rangemode="tozero")


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    options = tuple(
        Option(label, strokes.visible(entrants, len(QUANTITIES), [i]), {"yaxis.title.text": label})
        for i, label in enumerate(QUANTITIES)
    )
    return [Choice("quantity", "Quantity", options)]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = [
        line
        for quantity in QUANTITIES.values()
        for line in strokes.data(
            entrants,
            lambda each, quantity=quantity: magnitudes.line(magnitudes.total(each, quantity)),  # type: ignore[misc]
        )
    ]

    def say(entrant: Entrant) -> str | None:
        now = magnitudes.latest(magnitudes.total(entrant, "squares"))
        return None if now is None else numbers.cost(now)

    words = strokes.said(entrants, say)
    return Update(lines, strokes.marked(entrants), f"Σw² of all weights: {words}.") if words else Update(lines)
