"""The sparsity of several runs: the shares of all weights at zero and close to zero."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts import numbers
from dashboard.charts.choice import Choice, Option
from dashboard.charts.overlays import magnitudes, run_lines
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine.families.penalties import penalty_of

QUANTITIES = ("zeros", "within")  # names of series in the telemetry


def caption(entrants: Sequence[Entrant]) -> str:
    sets_zeros = [(entrant.name, penalty_of(entrant.current_config, n=1).exact_zeros) for entrant in entrants]
    if names_with_zeros := [name for name, exact in sets_zeros if exact]:
        if len(names_with_zeros) == len(sets_zeros):
            return "All of these runs set weights to exactly zero. How many, and how soon?"
        return f"Exact zeros come from {' and '.join(names_with_zeros)}; other weights only come close to zero."
    return "None of these runs sets weights to exactly zero; they only come close to it."


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    lines = [
        trace
        for quantity in QUANTITIES
        for trace in run_lines.empty_traces(entrants, palette, "%{y:.2f} %", visible=quantity == "within")
    ]
    return run_lines.epoch_figure(entrants, palette, lines, title={"text": "share of weights, %"}, rangemode="tozero")


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    labels = ["exact zeros", _near_zero_label(entrants)]
    # exact zeros come last: most races have none
    options = tuple(Option(labels[i], run_lines.trace_visibility(entrants, len(labels), [i])) for i in (1, 0))
    return [Choice("quantity", "Which weights", options)]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = magnitudes.line_data_of_runs(entrants, QUANTITIES, magnitudes.share_of_weights, 100)

    def describe(entrant: Entrant) -> str | None:
        zeros, within = (
            magnitudes.latest_value(magnitudes.share_of_weights(entrant, name)) for name in ("zeros", "within")
        )
        if zeros is None or within is None:
            return None
        return f"{numbers.percent(zeros)} exact zeros, {numbers.percent(within)} {_near_zero_label(entrants)}"

    descriptions = run_lines.describe_runs(entrants, describe)
    if not descriptions:
        return Update(lines)
    return Update(
        lines, run_lines.change_marks_layout(entrants), f"Of all weights: {descriptions}.", _near_zero_note(entrants)
    )


def _near_zero_formulas(entrants: Sequence[Entrant]) -> list[str]:
    """Return the formulas of the bounds for weights close to zero, without duplicates."""
    yardsticks = [penalty_of(entrant.current_config, n=1).zero_tolerance(0.0) for entrant in entrants]
    return sorted({yardstick.symbol for yardstick in yardsticks if yardstick is not None})


def _near_zero_label(entrants: Sequence[Entrant]) -> str:
    formulas = _near_zero_formulas(entrants)
    return f"|w| ≤ {formulas[0]}" if len(formulas) == 1 else "close to zero"


def _near_zero_note(entrants: Sequence[Entrant]) -> str:
    """Return a note on the bound of each run for weights close to zero."""
    formulas = _near_zero_formulas(entrants)
    if not formulas:
        return "No penalty here sets a bound: only exact zeros count"
    return f"Each run has its own bound {' or '.join(formulas)}; without λ it is 0"
