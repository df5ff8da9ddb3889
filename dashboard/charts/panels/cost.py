"""The cost of one run: the data cost on both sets, and the penalty.

The panel has three selections of curves, because the sum of data cost and penalty depends on λ, and the book divides
the penalty by the size of the plotted set.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy import ndarray as Array

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Choice, Option
from dashboard.charts.ghosts import Ghost, ghost_line
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.update import Update
from engine import RunConfig
from engine.analysis.regularizers import has_dropout
from engine.families.penalties import penalty_of
from engine.runs.history.series import Series
from engine.runs.history.telemetry import Telemetry

# The traces in drawing order are the cost of the mini-batches, these series, and the lowest point.
SERIES = ("penalty", "training_cost", "training_total", "clean_cost", "judge_cost", "judge_total", "judge_book")
FIRST_SERIES_TRACE = 1 + SERIES.index("penalty")
LOWEST_POINT_TRACE = 1 + len(SERIES)
# At the end, these series of the ghost; the first stands for it in the legend.
GHOST_SERIES = ("judge_cost", "judge_total", "judge_book", "training_cost", "training_total")
FIRST_GHOST_TRACE = LOWEST_POINT_TRACE + 1

GHOST_TRAINING_DASH = "4px,3px"  # both lines of a ghost are grey
MIN_RISE = 0.05  # of the cost above its lowest value, as a share of it, from which the caption names it
MAX_MINI_BATCH_POINTS = 200  # the line of the mini-batches is the only one that is sent between two epochs

# The series of each ledger. The last two ledgers are equal on the training set: the book divides its penalty by n.
LEDGERS = {
    "data cost": ("penalty", "training_cost", "clean_cost", "judge_cost"),
    "data cost + penalty": ("training_cost", "training_total", "judge_total"),
    "as the book plots it": ("training_cost", "training_total", "judge_book"),
}


def caption(config: RunConfig) -> str:
    if config.label_noise:
        return "The wrong labels raise the training cost."
    if penalty_of(config, n=1).adds_cost:
        return "The penalty is a curve of its own."
    return f"Overfitting: {config.evaluate_on} rises again."


def about(config: RunConfig) -> tuple[str, ...]:
    penalty = ("The list adds the penalty to the data cost, or divides it as the book does.",)
    noise = (f"Training includes the wrong labels, so it may be above {config.evaluate_on}.",)
    return (
        "Data cost: the cost function C₀ = (1/n) Σₓ Cₓ, the mean over the examples of a set, without penalties.",
        *(penalty if penalty_of(config, n=1).adds_cost else ()),
        *(noise if config.label_noise else ()),
        measured.AFTER_EPOCH,
        measured.mini_batch_sentence(config),
        f"The circle is the epoch with the lowest cost on {config.evaluate_on}.",
    )


def choices(config: RunConfig) -> list[Choice]:
    def ledger_option(name: str) -> Option:
        visibility = {
            FIRST_SERIES_TRACE + i: {"visible": series in series_of_ledger(config, name)}
            for i, series in enumerate(SERIES)
        }
        visibility |= {
            FIRST_GHOST_TRACE + i: {"visible": series in ghost_series_of_ledger(name)}
            for i, series in enumerate(GHOST_SERIES)
        }
        is_data_cost = name == "data cost"
        # the updates set the range of the data cost; with a penalty added Plotly chooses it
        return Option(
            name,
            visibility | {LOWEST_POINT_TRACE: {"visible": is_data_cost}},
            {} if is_data_cost else {"yaxis.range": None},
        )

    return [
        Choice("ledger", "Which costs", tuple(ledger_option(name) for name in LEDGERS)),
        Choice("scale", "The axis of the cost", (LINEAR_AXIS, LOGARITHMIC_AXIS)),
    ]


# A linear axis starts at 0. A logarithmic axis starts below the lowest cost of an epoch and may cut off mini-batches.
LINEAR_AXIS = Option("linear", layout={"yaxis.type": "linear", "yaxis.autorangeoptions.clipmin": None})
LOGARITHMIC_AXIS = Option("log", layout={"yaxis.type": "log", "yaxis.range": None})


def series_of_ledger(config: RunConfig, ledger: str) -> set[str]:
    """Return the series of a ledger that apply to a run."""
    names = set(LEDGERS[ledger])
    if not penalty_of(config, n=1).adds_cost:
        names -= {"penalty", "training_total"}
    if not config.label_noise:
        names.discard("clean_cost")
    return names


def ghost_series_of_ledger(ledger: str) -> set[str]:
    """Return the series of the ghost in a ledger: its total on the training set if the ledger has one."""
    names = set(LEDGERS[ledger])
    return names - {"training_cost"} if "training_total" in names else names


def is_smooth(config: RunConfig) -> bool:
    return not config.measure_all  # the book's curves are not smoothed


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    evaluation = {"color": palette.validation, "width": 2}
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
    default_series = series_of_ledger(config, next(iter(LEDGERS)))
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
                meta="corner",  # its end jumps with every mini-batch
            ),
            *(
                go.Scatter(
                    mode="lines", x=[], y=[], hovertemplate="%{y:.3g}", visible=name in default_series, **lines[name]
                )
                for name in SERIES
            ),
            style.hollow_circle(f"lowest {evaluation_name}", palette, hover="lowest: %{y:.3g}"),
            *(
                ghost_line(
                    evaluation_name if name.startswith("judge") else "training",
                    palette,
                    "solid" if name.startswith("judge") else GHOST_TRAINING_DASH,
                    visible=name in ghost_series_of_ledger(next(iter(LEDGERS))),
                    hovertemplate="%{y:.3g}",
                )
                for name in GHOST_SERIES
            ),
        ],
        x=style.epoch_axis(config.epochs, style.LABEL_ROOM),
        y={"title": {"text": "cost per example"}, "range": [0, 4], "rangemode": "tozero"},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    snapshot, lowest = telemetry.snapshot, telemetry.best_by_cost.best
    x, y = style.downsample(*telemetry.mini_batch_cost.line(), MAX_MINI_BATCH_POINTS)
    traces = [{"x": style.encode_array(x / max(1, telemetry.steps_per_epoch)), "y": style.encode_array(y)}]
    traces += [style.line_data(telemetry.epochs[name]) for name in SERIES]
    traces.append(style.point_data([lowest.epoch], [lowest.evaluation.cost]) if lowest else style.point_data([], []))
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
    epoch_marks = marks.change_marks(telemetry, config.epochs)
    caption = marks.describe(epoch_marks) or _overfitting_caption(config, telemetry)
    return Update(traces, axis_limits(telemetry) | marks.marks_layout(epoch_marks), f"{text}.", caption=caption)


def _overfitting_caption(config: RunConfig, telemetry: Telemetry) -> str:
    """Return a sentence if the cost on the evaluation set has risen since its lowest point, otherwise ""."""
    snapshot, lowest = telemetry.snapshot, telemetry.best_by_cost.best
    if snapshot is None or lowest is None or not lowest.evaluation.cost > 0:
        return ""
    rise = snapshot.evaluation.cost / lowest.evaluation.cost - 1
    if not MIN_RISE <= rise < math.inf:
        return ""
    return f"{config.evaluate_on.capitalize()} has risen by {100 * rise:.0f} % since epoch {lowest.epoch}."


def ghost(config: RunConfig, telemetry: Telemetry) -> Ghost:
    traces = {
        FIRST_GHOST_TRACE + i: {
            "name": config.evaluate_on if series.startswith("judge") else "training",
            **style.line_data(telemetry.epochs[series]),
        }
        for i, series in enumerate(GHOST_SERIES)
    }
    limits = axis_limits(telemetry)
    return Ghost(traces, {"yaxis.range": limits["yaxis.range"]} if telemetry.snapshot else {})


def axis_limits(telemetry: Telemetry) -> dict[str, Any]:
    """Return the limits of the cost axis, as attributes of the layout.

    The range covers the data cost. The cost before the first epoch is several times larger and may lie outside.
    For other ledgers or a logarithmic axis Plotly chooses the range; the clip values then exclude that cost and
    single mini-batches.
    """
    values = {name: _values_after_first_epoch(telemetry.epochs[name]) for name in SERIES}
    all_values = np.concatenate(list(values.values()))
    positive_values = all_values[all_values > 0]
    lower_clip = {"yaxis.autorangeoptions.clipmin": float(positive_values.min()) / 1.5} if len(positive_values) else {}
    return {
        "yaxis.range": [0, _upper_limit([values[name] for name in LEDGERS["data cost"]])],
        "yaxis.autorangeoptions.clipmax": _upper_limit(list(values.values())),
        **lower_clip,
    }


def _values_after_first_epoch(series: Series) -> Array:
    """Return the finite values after the first epoch, or all finite values if there is only one epoch."""
    y = series.line()[1]
    skipped_count = (
        1 if series.is_exact else 2
    )  # a merged series starts with the minimum and the maximum of the first epochs
    y = y[skipped_count:] if len(y) > skipped_count else y
    finite: Array = y[np.isfinite(y)]
    return finite


def _upper_limit(values: list[Array]) -> float:
    highest = max((float(each.max()) for each in values if len(each)), default=0.0)
    return 1.15 * highest if highest > 0 else 4
