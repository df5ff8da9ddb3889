"""The accuracies of several runs on the same axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.overlays import strokes
from dashboard.charts.overlays.entrant import Entrant, evaluated_on
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update


def look(entrants: Sequence[Entrant]) -> str:
    return "Which line ends highest, and which falls after its best epoch?"


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    hover = "%{y:.1f} %"
    return strokes.over_epochs(
        entrants,
        palette,
        [
            *strokes.traces(entrants, palette, hover),
            *strokes.traces(entrants, palette, hover, width=1, label=", training", visible=False, opacity=0.75),
        ],
        title={"text": "correct, %"},
        range=[0, 101],
        tickvals=[0, 20, 40, 60, 80, 100],
    )


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    def option(label: str, *shown: int) -> Option:
        return Option(label, strokes.visible(entrants, 2, shown))

    evaluation = evaluated_on(entrants)
    sets = (option(evaluation, 0), option("training", 1), option("both", 0, 1))
    # the runs often end within a few points of each other, which the whole axis would hide
    whole = Option("0 to 100 %", layout={"yaxis.range": [0, 101], "yaxis.tickvals": [0, 20, 40, 60, 80, 100]})
    near = Option("close up", layout={"yaxis.range": None, "yaxis.tickvals": None})
    return [Choice("set", "Which examples", sets), Choice("axis", "The axis of the accuracy", (near, whole))]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = [
        *strokes.data(entrants, lambda each: style.line(each.telemetry.epochs["judge_accuracy"], 100)),
        *strokes.data(entrants, lambda each: style.line(each.telemetry.epochs[_training(each)], 100)),
    ]
    words = strokes.describe_runs(
        entrants,
        lambda each: numbers.percent(each.telemetry.snapshot.evaluation.accuracy) if each.telemetry.snapshot else None,
    )
    if not words:
        return Update(lines)
    return Update(
        lines,
        limits(entrants) | strokes.marked(entrants),
        f"Correct on {evaluated_on(entrants)}: {words}.",
        note(entrants),
    )


def limits(entrants: Sequence[Entrant]) -> dict[str, Any]:
    """Return the lowest value that the close-up axis may begin at, so that it leaves out the first epochs."""
    best = [each.telemetry.best_by_accuracy.best for each in entrants]
    found = [100 * snapshot.evaluation.accuracy for snapshot in best if snapshot]
    return {"yaxis.autorangeoptions.clipmin": max(0.0, min(found) - 20)} if found else {}


def note(entrants: Sequence[Entrant]) -> str:
    """Return the largest standard error of the accuracies, in words."""
    shots = [each.telemetry.snapshot for each in entrants if each.telemetry.snapshot]
    evaluated = [shot.evaluation for shot in shots if shot.evaluation.size]
    if not evaluated:
        return ""
    error = max(math.sqrt(each.accuracy * (1 - each.accuracy) / each.size) for each in evaluated)
    sizes = {each.size for each in evaluated}
    examples = f" of {numbers.count(sizes.pop())} examples" if len(sizes) == 1 else ""
    return f"standard error{examples}: ±{100 * error:.1f} points"


def _training(entrant: Entrant) -> str:
    """Return the name of the training series: of the right labels if some are wrong. See `accuracy.learnt`."""
    snapshot = entrant.telemetry.snapshot
    return "clean_accuracy" if snapshot and snapshot.clean else "training_accuracy"
