"""The costs of several runs on the same axes, with and without the penalty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.overlays import run_lines
from dashboard.charts.overlays.entrant import Entrant, evaluation_set_name
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.cost import LINEAR_AXIS, LOGARITHMIC_AXIS
from dashboard.charts.update import Update

# In the order of the traces and of the options.
SERIES = ("judge_cost", "training_cost", "judge_total", "training_total", "judge_book", "penalty")


def caption(entrants: Sequence[Entrant]) -> str:
    return "A line that rises again shows overfitting."


def about(entrants: Sequence[Entrant]) -> tuple[str, ...]:
    return (
        "The data cost C₀ per example, one line per run. The list adds the penalty, or shows it alone.",
        measured.AFTER_EPOCH,
    )


def is_smooth(entrants: Sequence[Entrant]) -> bool:
    return not any(entrant.current_config.measure_all for entrant in entrants)


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    lines = [
        trace
        for name in SERIES
        for trace in run_lines.empty_traces(entrants, palette, "%{y:.3g}", visible=name == SERIES[0])
    ]
    return run_lines.epoch_figure(
        entrants, palette, lines, title={"text": "cost per example"}, range=[0, 4], rangemode="tozero"
    )


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    evaluation = evaluation_set_name(entrants)
    labels = {
        "judge_cost": evaluation,
        "training_cost": "training",
        "judge_total": f"{evaluation} + penalty",
        "training_total": "training + penalty",
        "judge_book": "as the book plots it",
        "penalty": "penalty",
    }
    ledger_options = tuple(
        # the updates set the range of the first series; for the others Plotly chooses it
        Option(
            labels[name],
            run_lines.trace_visibility(entrants, len(SERIES), [i]),
            {} if i == 0 else {"yaxis.range": None},
        )
        for i, name in enumerate(SERIES)
    )
    return [
        Choice("ledger", "Which cost", ledger_options),
        Choice("scale", "The axis of the cost", (LINEAR_AXIS, LOGARITHMIC_AXIS)),
    ]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = [
        line
        for name in SERIES
        for line in run_lines.trace_data(entrants, lambda each, name=name: style.line_data(each.telemetry.epochs[name]))  # type: ignore[misc]
    ]
    descriptions = run_lines.describe_runs(
        entrants,
        lambda each: numbers.cost(each.telemetry.snapshot.evaluation.cost) if each.telemetry.snapshot else None,
    )
    if not descriptions:
        return Update(lines)
    top = _upper_limit(entrants)
    layout = {"yaxis.range": [0, top], "yaxis.autorangeoptions.clipmax": 3 * top} | run_lines.layout_with_change_marks(
        entrants
    )
    return Update(lines, layout, f"Data cost per example on {evaluation_set_name(entrants)}: {descriptions}.")


def _upper_limit(entrants: Sequence[Entrant]) -> float:
    """Return the upper limit of the axis for the evaluation cost.

    The cost before the first epoch may exceed the limit, as in `panels.cost`.
    """
    highest = 0.0
    for entrant in entrants:
        y = entrant.telemetry.epochs["judge_cost"].line()[1]
        y = y[1:] if len(y) > 1 else y
        finite = y[np.isfinite(y)]
        highest = max(highest, float(finite.max()) if len(finite) else 0.0)
    return 1.15 * highest or 4.0
