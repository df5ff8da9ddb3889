"""The sparsity of several runs: the shares of all weights at zero and close to zero."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.charts import numbers
from dashboard.charts.choice import Choice, Option
from dashboard.charts.overlays import magnitudes, run_lines
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.update import Update
from engine.families.penalties import penalty_of

QUANTITIES = ("zeros", "within")  # names of series: weights at zero, and weights within `ZeroTolerance.length` of zero


def caption(entrants: Sequence[Entrant]) -> str:
    exactness = [(entrant.name, penalty_of(entrant.current_config, n=1).exact_zeros) for entrant in entrants]
    if names_with_zeros := [name for name, sets_exact_zeros in exactness if sets_exact_zeros]:
        if len(names_with_zeros) == len(exactness):
            return "All of these runs set weights to zero."
        return f"Exact zeros only in {' and '.join(names_with_zeros)}."
    return "None of these runs sets weights to zero."


def about(entrants: Sequence[Entrant]) -> tuple[str, ...]:
    return (
        "The share of a run's weights that are exactly zero, or closer to zero than the bound in the list.",
        "L2 and dropout bring weights close to zero, but not to it.",
        measured.AT_STEP,
    )


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
        zeros, near_zeros = (
            magnitudes.latest_value(magnitudes.share_of_weights(entrant, name)) for name in ("zeros", "within")
        )
        if zeros is None or near_zeros is None:
            return None
        return f"{numbers.percent(zeros)} exact zeros, {numbers.percent(near_zeros)} {_near_zero_label(entrants)}"

    descriptions = run_lines.describe_runs(entrants, describe)
    if not descriptions:
        return Update(lines)
    return Update(
        lines,
        run_lines.layout_with_change_marks(entrants),
        f"Of all weights: {descriptions}.",
        _near_zero_note(entrants),
    )


def _near_zero_formulas(entrants: Sequence[Entrant]) -> list[str]:
    """Return the formulas of the bounds for weights close to zero, without duplicates."""
    # the formula does not depend on n and on the learning rate
    tolerances = [penalty_of(entrant.current_config, n=1).zero_tolerance(0.0) for entrant in entrants]
    return sorted({tolerance.symbol for tolerance in tolerances if tolerance is not None})


def _near_zero_label(entrants: Sequence[Entrant]) -> str:
    formulas = _near_zero_formulas(entrants)
    return f"|w| ≤ {formulas[0]}" if len(formulas) == 1 else "close to zero"


def _near_zero_note(entrants: Sequence[Entrant]) -> str:
    """Return a note on the bound of each run for weights close to zero."""
    formulas = _near_zero_formulas(entrants)
    if not formulas:
        return "No penalty here has a bound for “close to zero”: only exact zeros count"
    return f"Each run has its own bound {' or '.join(formulas)}; without a penalty the bound is 0"
