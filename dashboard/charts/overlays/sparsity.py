"""The sparsity of several runs: how many of all weights are zero, and how many as good as zero."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts import numbers
from dashboard.charts.choice import Choice, Option
from dashboard.charts.overlays import magnitudes, strokes
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine.families.penalties import penalty_of

QUANTITIES = {"exact zeros": "zeros", "|w| ≤ ηλ/n": "within"}


def look(entrants: Sequence[Entrant]) -> str:
    found = [(entrant.name, penalty_of(entrant.current_config, n=1).exact_zeros) for entrant in entrants]
    if zeros := [name for name, exact in found if exact]:
        if len(zeros) == len(found):
            return "All of these runs set weights to exactly zero. How many, and how soon?"
        return f"Exact zeros come from {' and '.join(zeros)}; other weights only come near zero."
    return "None of these runs sets weights to exactly zero; they only come near it."


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    lines = [
        trace
        for quantity in QUANTITIES.values()
        for trace in strokes.traces(entrants, palette, "%{y:.2f} %", visible=quantity == "within")
    ]
    return strokes.over_epochs(entrants, palette, lines, title={"text": "share of weights, %"}, rangemode="tozero")


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    names = list(QUANTITIES)
    first = [names[1], names[0]]  # exact zeros are none in most races
    options = tuple(Option(name, strokes.visible(entrants, len(names), [names.index(name)])) for name in first)
    return [Choice("quantity", "Which weights", options)]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = [
        line
        for quantity in QUANTITIES.values()
        for line in strokes.data(
            entrants,
            lambda each, quantity=quantity: magnitudes.line(magnitudes.share(each, quantity), 100),  # type: ignore[misc]
        )
    ]

    def describe(entrant: Entrant) -> str | None:
        zeros, within = (magnitudes.latest(magnitudes.share(entrant, name)) for name in ("zeros", "within"))
        if zeros is None or within is None:
            return None
        return f"{numbers.percent(zeros)} exact zeros, {numbers.percent(within)} within ηλ/n"

    words = strokes.describe_runs(entrants, describe)
    if not words:
        return Update(lines)
    return Update(
        lines, strokes.marked(entrants), f"Of all weights: {words}.", "ηλ/n is each run's own; without λ it is 0"
    )
