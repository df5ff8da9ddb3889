"""The cost of one run: the data cost on both sets, and the penalty.

The sum of data cost and penalty depends on λ, and the book's figures divide the penalty by the size of the plotted
set. The panel therefore offers three selections of curves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy import ndarray as Array

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.regularizers import has_dropout
from engine.families.penalties import penalty_of
from engine.runs.history.series import Series
from engine.runs.history.telemetry import Telemetry

# The traces in drawing order: the cost of the mini-batches, then these series, then the lowest point.
SERIES = ("penalty", "training_cost", "training_total", "clean_cost", "judge_cost", "judge_total", "judge_book")
FIRST = 1 + SERIES.index("penalty")
LOWEST = 1 + len(SERIES)

MAX_MINI_BATCHES = 200  # points of the mini-batch line, the only line that is sent between two epochs

# The series of each ledger. On the training set the last two are equal, because the book divides the penalty by n.
LEDGERS = {
    "data cost": ("penalty", "training_cost", "clean_cost", "judge_cost"),
    "data cost + penalty": ("training_cost", "training_total", "judge_total"),
    "as the book plots it": ("training_cost", "training_total", "judge_book"),
}


def look(config: RunConfig) -> str:
    if config.label_noise:
        return f"Training counts the wrong labels too, so it may be above {config.evaluate_on}."
    if penalty_of(config, n=1).adds_cost:
        return "The penalty is a curve of its own and is not part of the others."
    return f"Overfitting: training keeps falling while {config.evaluate_on} rises again."


def choices(config: RunConfig) -> list[Choice]:
    def ledger(name: str) -> Option:
        shown = {FIRST + i: {"visible": series in seen(config, name)} for i, series in enumerate(SERIES)}
        plain = name == "data cost"
        # the updates set the range of the data cost; with a penalty added Plotly chooses it
        return Option(name, shown | {LOWEST: {"visible": plain}}, {} if plain else {"yaxis.range": None})

    return [
        Choice("ledger", "Which costs are added up", tuple(ledger(name) for name in LEDGERS)),
        Choice("scale", "The axis of the cost", (LINEAR, LOGARITHMIC)),
    ]


# A linear axis starts at 0. A logarithmic axis starts below the lowest epoch cost; mini-batches are ignored.
LINEAR = Option("linear", layout={"yaxis.type": "linear", "yaxis.autorangeoptions.clipmin": None})
LOGARITHMIC = Option("log", layout={"yaxis.type": "log", "yaxis.range": None})


def seen(config: RunConfig, ledger: str) -> set[str]:
    """Return the series of a ledger that apply to a run."""
    shown = set(LEDGERS[ledger])
    if not penalty_of(config, n=1).adds_cost:
        shown -= {"penalty", "training_total"}
    if not config.label_noise:
        shown.discard("clean_cost")
    return shown


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    evaluation = {"color": palette.validation, "width": 2, "dash": "6px,3px"}
    training = {"color": palette.training, "width": 2}
    with_penalty = {"fill": "tonexty", "fillcolor": palette.penalty_area}
    evaluation_name = config.evaluate_on
    charges = penalty_of(config, n=1).adds_cost
    lines: dict[str, dict[str, Any]] = {
        "penalty": {"name": "penalty", "line": {"color": palette.penalty, "width": 1.5}, "fill": "tozeroy"}
        | {"fillcolor": palette.penalty_area},
        "training_cost": {"name": "training", "line": training},
        "training_total": {"name": "+ penalty", "line": {"color": palette.penalty, "width": 1.5}} | with_penalty,
        "clean_cost": {"name": "right labels", "line": {**training, "dash": "1px,3px"}},
        "judge_cost": {"name": evaluation_name, "line": evaluation},
        "judge_total": {"name": f"{evaluation_name} + penalty" if charges else evaluation_name, "line": evaluation},
        "judge_book": {
            "name": f"{evaluation_name} + its own penalty" if charges else evaluation_name,
            "line": evaluation,
        },
    }
    first = seen(config, next(iter(LEDGERS)))
    return style.figure(
        palette,
        [
            go.Scatter(
                name="mini-batch, with dropout" if has_dropout(config) else "mini-batch",
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
            style.ring(f"lowest {evaluation_name}", palette, hover="lowest: %{y:.3g}"),
        ],
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "cost per example"}, "range": [0, 4], "rangemode": "tozero"},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    snapshot, lowest = telemetry.snapshot, telemetry.best_by_cost.best
    x, y = style.thinned(*telemetry.mini_batch_cost.line(), MAX_MINI_BATCHES)
    traces = [{"x": style.typed(x / max(1, telemetry.steps_per_epoch)), "y": style.typed(y)}]
    traces += [style.line(telemetry.epochs[name]) for name in SERIES]
    traces.append(style.points([lowest.epoch], [lowest.evaluation.cost]) if lowest else style.points([], []))
    if snapshot is None:
        return Update(traces)
    text = (
        f"Data cost per example after {numbers.count(snapshot.epoch)} epochs: "
        f"training {numbers.cost(snapshot.training.cost)}, "
        f"{config.evaluate_on} {numbers.cost(snapshot.evaluation.cost)}"
    )
    if penalty_of(config, n=1).adds_cost:
        text += f", penalty {numbers.cost(snapshot.penalty)}"
    if lowest:
        text += f"; {config.evaluate_on} was lowest at epoch {numbers.count(lowest.epoch)}"
    layout = marks.layout(marks.of_changes(telemetry, config.epochs))
    return Update(traces, limits(telemetry) | layout, text + ".")


def limits(telemetry: Telemetry) -> dict[str, Any]:
    """Return the limits of the cost axis, as attributes of the layout.

    The range covers the data cost. The cost before the first epoch is several times larger and may lie outside.
    For other ledgers or a logarithmic axis Plotly chooses the range; the clip values then exclude that cost and
    single mini-batches.
    """
    heights = {name: _later(telemetry.epochs[name]) for name in SERIES}
    everything = np.concatenate(list(heights.values()))
    above = everything[everything > 0]
    clip = {"yaxis.autorangeoptions.clipmin": float(above.min()) / 1.5} if len(above) else {}
    return {
        "yaxis.range": [0, _top([heights[name] for name in LEDGERS["data cost"]])],
        "yaxis.autorangeoptions.clipmax": _top(list(heights.values())),
        **clip,
    }


def _later(series: Series) -> Array:
    """Return the finite values after the first epoch, or all if there is only one."""
    y = series.line()[1]
    first = 1 if series.is_exact else 2  # a merged series starts with the minimum and the maximum of the first epochs
    y = y[first:] if len(y) > first else y
    finite: Array = y[np.isfinite(y)]
    return finite


def _top(heights: list[Array]) -> float:
    highest = max((float(each.max()) for each in heights if len(each)), default=0.0)
    return 1.15 * highest if highest > 0 else 4
