"""The accuracies of one run, the gap between them, the best epoch, and the accuracy on wrong labels."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.ghosts import Ghost, ghost_line
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine import RunConfig, Snapshot
from engine.runs.history.telemetry import Telemetry


def correct_label_accuracy(snapshot: Snapshot) -> float:
    """Return the training accuracy on the correct labels, from 0 to 1.

    This accuracy is compared with that on the evaluation set. With three labels in ten wrong, the accuracy on all
    labels is below it even for a good network.
    """
    return (snapshot.clean or snapshot.training).accuracy


def caption(config: RunConfig) -> str:
    if config.label_noise:
        return "Wrong labels can only be memorized: the dotted line should stay low."
    return "The shaded gap shows overfitting. Regularization should keep it small."


# The traces in drawing order: wrong labels, right labels, evaluation set, best epoch; then the same three of the ghost.
FIRST_GHOST_TRACE = 4


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    hover = "%{y:.1f} %"
    line = {"mode": "lines", "x": [], "y": [], "hovertemplate": hover}
    has_label_noise = config.label_noise > 0
    return style.figure(
        palette,
        [
            go.Scatter(
                name="wrong labels",
                line={"color": palette.training, "width": 2, "dash": "1px,4px"},
                visible=has_label_noise,
                **line,
            ),
            go.Scatter(
                name="right labels" if has_label_noise else "training",
                line={"color": palette.training, "width": 2},
                **line,
            ),
            go.Scatter(
                name=config.evaluate_on,
                line={"color": palette.validation, "width": 2, "dash": "6px,3px"},
                fill="tonexty",
                fillcolor=palette.gap,
                **line,
            ),
            style.hollow_circle(f"best {config.evaluate_on}", palette, hover="best: %{y:.1f} %"),
            ghost_line("wrong labels", palette, "1px,4px", visible=has_label_noise, hovertemplate=hover),
            ghost_line("training", palette, hovertemplate=hover),
            ghost_line(config.evaluate_on, palette, "6px,3px", hovertemplate=hover),
        ],
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "correct, %"}, "range": [0, 101], "tickvals": [0, 20, 40, 60, 80, 100]},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    snapshot = telemetry.snapshot
    traces = [style.line_data(telemetry.epochs[name], 100) for name in _series_names(telemetry)]
    best = telemetry.best_by_accuracy.best
    traces.append(
        style.point_data([best.epoch], [100 * best.evaluation.accuracy]) if best else style.point_data([], [])
    )
    if snapshot is None:
        return Update(traces)
    text = (
        f"After {numbers.count(snapshot.epoch)} epochs: training {numbers.percent(correct_label_accuracy(snapshot))}, "
        f"{config.evaluate_on} {numbers.percent(snapshot.evaluation.accuracy)}"
    )
    if snapshot.corrupted:
        text += f", wrong labels memorized {numbers.percent(snapshot.corrupted.accuracy)}"
    note = ""
    if best:
        note = f"best {numbers.percent(best.evaluation.accuracy)} at epoch {numbers.count(best.epoch)}"
        text += f"; {note}"
    epoch_marks = [*marks.change_marks(telemetry, config.epochs), *early_stopping_marks(config, telemetry)]
    return Update(traces, marks.marks_layout(epoch_marks, top=0.45), text + ".", note)


def _series_names(telemetry: Telemetry) -> tuple[str, str, str]:
    """Return the names of the series: accuracy on wrong labels, right labels, and the evaluation set."""
    snapshot = telemetry.snapshot
    # a training set with little noise and few examples may have no wrong label
    training_series = "clean_accuracy" if snapshot and snapshot.clean else "training_accuracy"
    return "corrupted_accuracy", training_series, "judge_accuracy"


def ghost(config: RunConfig, telemetry: Telemetry) -> Ghost:
    names = ("wrong labels", "right labels" if config.label_noise else "training", config.evaluate_on)
    lines = [
        {"name": name, **style.line_data(telemetry.epochs[series], 100)}
        for name, series in zip(names, _series_names(telemetry), strict=True)
    ]
    # the evaluation set first: its trace stands for the ghost in the legend
    return Ghost({FIRST_GHOST_TRACE + i: lines[i] for i in (2, 1, 0)})


def early_stopping_marks(config: RunConfig, telemetry: Telemetry) -> list[marks.Mark]:
    """Return the mark of the epoch at which early stopping ended or would have ended the run.

    The list is empty before that epoch.
    """
    records = telemetry.best_by_cost if config.stop_on == "cost" else telemetry.best_by_accuracy
    end_epoch = records.patience_end_epoch(config.patience)
    if end_epoch is None:
        return []
    return [marks.Mark(end_epoch, "would stop early" if config.stop_on == "never" else "stopped early", dash="dash")]
