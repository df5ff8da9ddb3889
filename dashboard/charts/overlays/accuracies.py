"""The accuracy of several runs on the same axes, on the examples that none of them has learnt from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.overlays import strokes
from dashboard.charts.overlays.entrant import Entrant, judge_of
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update


def look(entrants: Sequence[Entrant]) -> str:
    return "Which line ends highest, and which falls back after its best?"


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

    judge = judge_of(entrants)
    sets = (option(judge, 0), option("training", 1), option("both", 0, 1))
    # what is compared ends within a few points of each other: the whole axis hides that
    whole = Option("0 to 100 %", layout={"yaxis.range": [0, 101], "yaxis.tickvals": [0, 20, 40, 60, 80, 100]})
    near = Option("close up", layout={"yaxis.range": None, "yaxis.tickvals": None})
    return [Choice("set", "Which examples", sets), Choice("axis", "The axis of the accuracy", (near, whole))]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = [
        *strokes.data(entrants, lambda each: style.line(each.telemetry.epochs["judge_accuracy"], 100)),
        *strokes.data(entrants, lambda each: style.line(each.telemetry.epochs[_training(each)], 100)),
    ]
    words = strokes.said(
        entrants,
        lambda each: numbers.percent(each.telemetry.snapshot.judge.accuracy) if each.telemetry.snapshot else None,
    )
    if not words:
        return Update(lines)
    return Update(
        lines, limits(entrants) | strokes.marked(entrants), f"Correct on {judge_of(entrants)}: {words}.", note(entrants)
    )


def limits(entrants: Sequence[Entrant]) -> dict[str, Any]:
    """Where a close-up axis may begin at most: a network that has learnt nothing yet is not what is looked at."""
    best = [each.telemetry.most_accurate.best for each in entrants]
    found = [100 * snapshot.judge.accuracy for snapshot in best if snapshot]
    return {"yaxis.autorangeoptions.clipmin": max(0.0, min(found) - 20)} if found else {}


def note(entrants: Sequence[Entrant]) -> str:
    """How finely so many examples tell two networks apart."""
    shots = [each.telemetry.snapshot for each in entrants if each.telemetry.snapshot]
    judged = [shot.judge for shot in shots if shot.judge.size]
    if not judged:
        return ""
    error = max(math.sqrt(each.accuracy * (1 - each.accuracy) / each.size) for each in judged)
    sizes = {each.size for each in judged}
    examples = f" of {numbers.count(sizes.pop())} examples" if len(sizes) == 1 else ""
    return f"standard error{examples}: ±{100 * error:.1f} points"


def _training(entrant: Entrant) -> str:
    """The series to hold against the judge: of the right labels, where some are not. See `accuracy.learnt`."""
    snapshot = entrant.telemetry.snapshot
    return "clean_accuracy" if snapshot and snapshot.clean else "training_accuracy"
