"""Σw² and Σ|w| of several runs over time, also for runs without a penalty."""

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

QUANTITIES = {"Σw²": "squares", "Σ|w|": "absolute"}


def caption(entrants: Sequence[Entrant]) -> str:
    return "A penalty limits the weights."


def about(entrants: Sequence[Entrant]) -> tuple[str, ...]:
    return (
        "Σw² or Σ|w|, sums over all weights of a run, without biases.",
        measured.AT_STEP,
    )


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    lines = [
        trace
        for label in QUANTITIES
        for trace in run_lines.empty_traces(entrants, palette, "%{y:.3g}", visible=label == "Σw²")
    ]
    return run_lines.epoch_figure(entrants, palette, lines, title={"text": "Σw²"}, rangemode="tozero")


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    options = tuple(
        Option(label, run_lines.trace_visibility(entrants, len(QUANTITIES), [i]), {"yaxis.title.text": label})
        for i, label in enumerate(QUANTITIES)
    )
    return [Choice("quantity", "Quantity", options)]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = magnitudes.line_data_of_runs(entrants, QUANTITIES.values(), magnitudes.sum_over_weights)

    def describe(entrant: Entrant) -> str | None:
        sum_of_squares = magnitudes.latest_value(magnitudes.sum_over_weights(entrant, "squares"))
        return None if sum_of_squares is None else numbers.cost(sum_of_squares)

    descriptions = run_lines.describe_runs(entrants, describe)
    return (
        Update(lines, run_lines.layout_with_change_marks(entrants), f"Σw² of all weights: {descriptions}.")
        if descriptions
        else Update(lines)
    )
