"""The sparsity of several runs: the shares of weights at zero and near zero."""

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

ALL = "All of these runs set weights to exactly zero. How many, and how soon?"
QUANTITIES = {"exact zeros": "zeros", "|w| ≤ ηλ/n": "within"}


def look(entrants: Sequence[Entrant]) -> str:
    found = [(entrant.name, penalty_of(entrant.current_config, n=1).exact_zeros) for entrant in entrants]
    if zeros := [name for name, exact in found if exact]:
        if len(zeros) == len(found):
            return ALL
        return f"Exact zeros come from {' and '.join(zeros)}; the other weights only come near zero."
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
    first = [names[1], names[0]]  # most races have no exact zeros
    options = tuple(Option(name, strokes.visible(entrants, len(names), [names.index(name)])) for name in first)
    return [Choice("quantity", "Which weights", options)]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = magnitudes.lines_of(entrants, QUANTITIES.values(), magnitudes.share, 100)

    def describe(entrant: Entrant) -> str | None:
        zeros, within = (magnitudes.latest(magnitudes.share(entrant, name)) for name in ("zeros", "within"))
        if zeros is None or within is None:
            return None
        return f"{numbers.percent(zeros)} exact zeros, {numbers.percent(within)} within ηλ/n"

    words = strokes.describe_runs(entrants, describe)
    if not words:
        return Update(lines)
    note = "ηλ/n is each run's own"
    if any(penalty_of(each.current_config, n=1).yardstick(0.0) is None for each in entrants):
        note += "; without λ it is 0"
    return Update(lines, strokes.marked(entrants), f"Of all weights: {words}.", note)
