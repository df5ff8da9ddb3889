"""The accuracies of several runs on the same axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.overlays import run_lines
from dashboard.charts.overlays.entrant import Entrant, evaluation_set_name
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.update import Update


def caption(entrants: Sequence[Entrant]) -> str:
    return "Which line ends highest?"


def about(entrants: Sequence[Entrant]) -> tuple[str, ...]:
    return (
        "The share of the examples of a set that are classified correctly, in percent, one line per run.",
        measured.AFTER_EPOCH,
    )


def is_smooth(entrants: Sequence[Entrant]) -> bool:
    return not any(entrant.current_config.measure_all for entrant in entrants)


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    hover = "%{y:.1f} %"
    return run_lines.epoch_figure(
        entrants,
        palette,
        [
            *run_lines.empty_traces(entrants, palette, hover),
            *run_lines.empty_traces(entrants, palette, hover, width=1, label=", training", visible=False, opacity=0.75),
        ],
        title={"text": "correct, %"},
        range=[0, 101],
        tickvals=[0, 20, 40, 60, 80, 100],
    )


def choices(entrants: Sequence[Entrant]) -> list[Choice]:
    def option(label: str, *visible_quantities: int) -> Option:
        return Option(label, run_lines.trace_visibility(entrants, 2, visible_quantities))

    evaluation = evaluation_set_name(entrants)
    set_options = (option(evaluation, 0), option("training", 1), option("both", 0, 1))
    # the runs often end within a few points of each other, which are invisible on the full axis
    full_axis = Option("0 to 100 %", layout={"yaxis.range": [0, 101], "yaxis.tickvals": [0, 20, 40, 60, 80, 100]})
    close_up = Option("close up", layout={"yaxis.range": None, "yaxis.tickvals": None})
    return [
        Choice("set", "Which examples", set_options),
        Choice("axis", "The axis of the accuracy", (close_up, full_axis)),
    ]


def update(entrants: Sequence[Entrant]) -> Update:
    lines = [
        *run_lines.trace_data(entrants, lambda each: style.line_data(each.telemetry.epochs["judge_accuracy"], 100)),
        *run_lines.trace_data(
            entrants, lambda each: style.line_data(each.telemetry.epochs[_training_series(each)], 100)
        ),
    ]
    descriptions = run_lines.describe_runs(
        entrants,
        lambda each: numbers.percent(each.telemetry.snapshot.evaluation.accuracy) if each.telemetry.snapshot else None,
    )
    if not descriptions:
        return Update(lines)
    return Update(
        lines,
        close_up_limit(entrants) | run_lines.layout_with_change_marks(entrants),
        f"Accuracy on {evaluation_set_name(entrants)}: {descriptions}.",
        standard_error_note(entrants),
    )


def close_up_limit(entrants: Sequence[Entrant]) -> dict[str, Any]:
    """Return the layout with the lowest minimum of the close-up axis, which leaves out the first epochs."""
    best_snapshots = [each.telemetry.best_by_accuracy.best for each in entrants]
    accuracies = [100 * snapshot.evaluation.accuracy for snapshot in best_snapshots if snapshot]
    return {"yaxis.autorangeoptions.clipmin": max(0.0, min(accuracies) - 20)} if accuracies else {}


def standard_error_note(entrants: Sequence[Entrant]) -> str:
    """Return a note with the largest standard error of the accuracies; "" before the first measurement."""
    snapshots = [each.telemetry.snapshot for each in entrants if each.telemetry.snapshot]
    measurements = [snapshot.evaluation for snapshot in snapshots if snapshot.evaluation.size]
    if not measurements:
        return ""
    error = max(math.sqrt(each.accuracy * (1 - each.accuracy) / each.size) for each in measurements)
    sizes = {each.size for each in measurements}
    examples = f" of {numbers.count(sizes.pop())} examples" if len(sizes) == 1 else ""
    return f"standard error{examples}: ±{100 * error:.1f} points"


def _training_series(entrant: Entrant) -> str:
    """Return the name of the training series, as in `correct_label_accuracy`."""
    snapshot = entrant.telemetry.snapshot
    return "clean_accuracy" if snapshot and snapshot.clean else "training_accuracy"
