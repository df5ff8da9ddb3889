"""The sparsity of several runs: the shares of all weights at zero and close to zero."""

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

QUANTITIES = ("zeros", "within")  # in the telemetry


def look(entrants: Sequence[Entrant]) -> str:
    found = [(entrant.name, penalty_of(entrant.current_config, n=1).exact_zeros) for entrant in entrants]
    if zeros := [name for name, exact in found if exact]:
        if len(zeros) == len(found):
            return "All of these runs set weights to exactly zero. How many, and how soon?"
        return f"Exact zeros come from {' and '.join(zeros)}; other weights only come close to zero."
    return "None of these runs sets weights to exactly zero; they only come close to it."


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    lines = [
        trace
        for quantity in QUANTITIES
        for trace in strokes.traces(entrants, palette, "%{y:.2f} %", visible=quantity == "within")
    ]
    return strokes.over_epochs(entrants, palette, lines, title={"text": "share of weights, %"}, rangemode="tozero")


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    labels = ["exact zeros", _near_zero(entrants)]
    # exact zeros come last: most races have none
    options = tuple(Option(labels[i], strokes.visible(entrants, len(labels), [i])) for i in (1, 0))
    return [Choice("quantity", "Which weights", options)]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = magnitudes.lines_of(entrants, QUANTITIES, magnitudes.share, 100)

    def describe(entrant: Entrant) -> str | None:
        zeros, within = (magnitudes.latest(magnitudes.share(entrant, name)) for name in ("zeros", "within"))
        if zeros is None or within is None:
            return None
        return f"{numbers.percent(zeros)} exact zeros, {numbers.percent(within)} {_near_zero(entrants)}"

    words = strokes.describe_runs(entrants, describe)
    if not words:
        return Update(lines)
    return Update(lines, strokes.marked(entrants), f"Of all weights: {words}.", _note(entrants))


def _symbols(entrants: Sequence[Entrant]) -> list[str]:
    """Return the formulas of the lengths that count as close to zero, each once."""
    found = [penalty_of(entrant.current_config, n=1).zero_tolerance(0.0) for entrant in entrants]
    return sorted({yardstick.symbol for yardstick in found if yardstick is not None})


def _near_zero(entrants: Sequence[Entrant]) -> str:
    symbols = _symbols(entrants)
    return f"|w| ≤ {symbols[0]}" if len(symbols) == 1 else "close to zero"


def _note(entrants: Sequence[Entrant]) -> str:
    """Return which length each run uses."""
    symbols = _symbols(entrants)
    if not symbols:
        return "No penalty here sets a length: only exact zeros count"
    return f"Each run has its own {' or '.join(symbols)}; without λ it is 0"
