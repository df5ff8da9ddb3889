"""The cost as a ledger: what the data cost on both sets, and the penalty as an entry of its own.

λ hides in a curve that adds the two up, and the book's own figures divide the penalty by the size of
whichever set they show. So three ledgers are kept apart, and a person chooses which one she reads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.telemetry import Telemetry

# The traces, the hindmost first: the mini-batches' cost, then these series over the epochs, then the lowest point.
SERIES = ("penalty", "training_cost", "training_total", "clean_cost", "judge_cost", "judge_total", "judge_book")
FIRST = 1 + SERIES.index("penalty")
LOWEST = 1 + len(SERIES)

# Which of the series each ledger shows.
LEDGERS = {
    "data cost": ("penalty", "training_cost", "clean_cost", "judge_cost"),
    "data cost + penalty": ("training_cost", "training_total", "judge_total"),
    "as the book plots it": ("training_total", "judge_book"),
}


def look(config: RunConfig) -> str:
    if config.label_noise:
        return "Training counts the wrong labels too, so it may stand above validation."
    if config.l2 or config.l1:
        return "The penalty is drawn apart: λ never hides in the curve."
    return "Overfitting: training keeps falling while validation turns up."


def choices(config: RunConfig) -> list[Choice]:
    def ledger(name: str) -> Option:
        shown = {FIRST + i: {"visible": series in seen(config, name)} for i, series in enumerate(SERIES)}
        plain = name == "data cost"
        # the updates know the range of the data cost; what is added to it finds its own
        return Option(name, shown | {LOWEST: {"visible": plain}}, {} if plain else {"yaxis.range": None})

    scales = (Option("linear", layout={"yaxis.type": "linear"}), LOGARITHMIC)
    return [
        Choice("ledger", "Which costs are added up", tuple(ledger(name) for name in LEDGERS)),
        Choice("scale", "The axis of the cost", scales),
    ]


LOGARITHMIC = Option("log", layout={"yaxis.type": "log", "yaxis.range": None})


def seen(config: RunConfig, ledger: str) -> set[str]:
    """The series of a ledger that say something about a run."""
    shown = set(LEDGERS[ledger])
    if not (config.l2 or config.l1):
        shown.discard("penalty")
    if not config.label_noise:
        shown.discard("clean_cost")
    return shown


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    judge = {"color": palette.validation, "width": 2, "dash": "6px,3px"}
    training = {"color": palette.training, "width": 2}
    with_penalty = {"fill": "tonexty", "fillcolor": palette.penalty_area}
    judge_name = config.evaluate_on
    lines: dict[str, dict[str, Any]] = {
        "penalty": {"name": "penalty", "line": {"color": palette.penalty, "width": 1.5}, "fill": "tozeroy"}
        | {"fillcolor": palette.penalty_area},
        "training_cost": {"name": "training", "line": training},
        "training_total": {"name": "training + penalty", "line": {"color": palette.penalty, "width": 1.5}}
        | with_penalty,
        "clean_cost": {"name": "right labels", "line": {**training, "dash": "1px,3px"}},
        "judge_cost": {"name": judge_name, "line": judge},
        "judge_total": {"name": f"{judge_name} + penalty", "line": judge},
        "judge_book": {"name": f"{judge_name}, penalty by its size", "line": judge},
    }
    first = seen(config, next(iter(LEDGERS)))
    return style.figure(
        palette,
        [
            go.Scatter(
                name="mini-batch, with dropout" if config.drop_probability else "mini-batch",
                mode="lines",
                x=[],
                y=[],
                line={"color": palette.mini_batch, "width": 1},
                hoverinfo="skip",
            ),
            *(
                go.Scatter(mode="lines", x=[], y=[], hovertemplate="%{y:.3g}", visible=name in first, **lines[name])
                for name in SERIES
            ),
            go.Scatter(
                name=f"lowest {judge_name}",
                mode="markers",
                x=[],
                y=[],
                marker={"symbol": "circle-open", "size": 9, "color": palette.validation, "line": {"width": 2}},
                hovertemplate="lowest: %{y:.3g}",
                showlegend=False,
            ),
        ],
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "cost per example"}, "range": [0, 4]},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    snapshot = telemetry.snapshot
    x, y = telemetry.mini_batch_cost.line()
    per_epoch = max(1, telemetry.steps_per_epoch)
    traces = [{"x": style.typed(x / per_epoch), "y": style.typed(y)}]
    traces += [style.line(telemetry.epochs[name]) for name in SERIES]
    lowest = telemetry.cheapest[-1:]
    traces.append(
        {
            "x": style.typed(np.array([each.epoch for each in lowest], np.float32)),
            "y": style.typed(np.array([each.judge.cost for each in lowest], np.float32)),
        }
    )
    if snapshot is None:
        return Update(traces)
    text = (
        f"Data cost per example after {numbers.count(snapshot.epoch)} epochs: "
        f"training {numbers.cost(snapshot.training.cost)}, "
        f"{config.evaluate_on} {numbers.cost(snapshot.judge.cost)}, penalty {numbers.cost(snapshot.penalty)}"
    )
    if lowest:
        text += f"; {config.evaluate_on} was lowest at epoch {numbers.count(lowest[0].epoch)}"
    layout = marks.layout(marks.of_changes(telemetry, config.epochs))
    return Update(traces, {"yaxis.range": [0, top(telemetry)], **layout}, text + ".")


def top(telemetry: Telemetry) -> float:
    """Where the axis ends: the cost before the first epoch is several times all that follows, and may leave there."""
    highest = 0.0
    for name in LEDGERS["data cost"]:
        series = telemetry.epochs[name]
        y = series.line()[1]
        first = 1 if series.exact else 2  # the lowest and the highest of the first epochs, merged
        later = y[first:] if len(y) > first else y
        highest = max([highest, *later[np.isfinite(later)]])
    return 1.15 * highest if highest > 0 else 4
