"""Σw² and Σ|w| of several runs over time, also for runs without a penalty."""

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
    return "A penalty limits the weights; without one they keep growing."


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
    lines = magnitudes.lines_of(entrants, QUANTITIES.values(), magnitudes.total)

    def describe(entrant: Entrant) -> str | None:
        now = magnitudes.latest(magnitudes.total(entrant, "squares"))
        return None if now is None else numbers.cost(now)

    words = strokes.describe_runs(entrants, describe)
    return Update(lines, strokes.marked(entrants), f"Σw² of all weights: {words}.") if words else Update(lines)
