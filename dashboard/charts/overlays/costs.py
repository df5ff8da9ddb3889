"""The costs of several runs on the same axes, with and without the penalty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.overlays import strokes
from dashboard.charts.overlays.entrant import Entrant, evaluated_on
from dashboard.charts.palette import Palette
from dashboard.charts.panels.cost import LINEAR, LOGARITHMIC
from dashboard.charts.update import Update

# In the order of the traces and of the options.
SERIES = ("judge_cost", "training_cost", "judge_total", "training_total", "judge_book", "penalty")


def look(entrants: Sequence[Entrant]) -> str:
    return "A line that rises again shows overfitting. Penalties are left out."


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    lines = [
        trace for name in SERIES for trace in strokes.traces(entrants, palette, "%{y:.3g}", visible=name == SERIES[0])
    ]
    return strokes.over_epochs(
        entrants, palette, lines, title={"text": "cost per example"}, range=[0, 4], rangemode="tozero"
    )


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    evaluation = evaluated_on(entrants)
    labels = {
        "judge_cost": evaluation,
        "training_cost": "training",
        "judge_total": f"{evaluation} + penalty",
        "training_total": "training + penalty",
        "judge_book": "as the book plots it",
        "penalty": "penalty",
    }
    ledgers = tuple(
        # the updates set the range of the first series; for the others Plotly chooses it
        Option(
            labels[name],
            strokes.visible(entrants, len(SERIES), [i]),
            {} if i == 0 else {"yaxis.range": None},
        )
        for i, name in enumerate(SERIES)
    )
    return [
        Choice("ledger", "Which cost", ledgers),
        Choice("scale", "The axis of the cost", (LINEAR, LOGARITHMIC)),
    ]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = [
        line
        for name in SERIES
        for line in strokes.data(entrants, lambda each, name=name: style.line(each.telemetry.epochs[name]))  # type: ignore[misc]
    ]
    words = strokes.describe_runs(
        entrants,
        lambda each: numbers.cost(each.telemetry.snapshot.evaluation.cost) if each.telemetry.snapshot else None,
    )
    if not words:
        return Update(lines)
    top = _top(entrants)
    layout = {"yaxis.range": [0, top], "yaxis.autorangeoptions.clipmax": 3 * top} | strokes.marked(entrants)
    return Update(lines, layout, f"Data cost per example on {evaluated_on(entrants)}: {words}.")


def _top(entrants: Sequence[Entrant]) -> float:
    """Return the upper limit of the axis.

    The cost before the first epoch may exceed it, as in `panels.cost`.
    """
    highest = 0.0
    for entrant in entrants:
        y = entrant.telemetry.epochs["judge_cost"].line()[1]
        y = y[1:] if len(y) > 1 else y
        finite = y[np.isfinite(y)]
        highest = max(highest, float(finite.max()) if len(finite) else 0.0)
    return 1.15 * highest or 4.0
