"""The accuracies of one run, the gap between them, the best epoch, and the accuracy on wrong labels."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine import RunConfig, Snapshot
from engine.runs.history.telemetry import Telemetry


def learnt(snapshot: Snapshot) -> float:
    """Return the training accuracy to compare with validation: on the right labels, if some are wrong.

    With three labels in ten wrong, the accuracy on all of them is below validation even for a good network.
    """
    return (snapshot.clean or snapshot.training).accuracy


def look(config: RunConfig) -> str:
    if config.label_noise:
        return "Wrong labels can only be memorized: the dotted line should stay low."
    return "The shaded gap shows overfitting. Regularization should keep it small."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    line = {"mode": "lines", "x": [], "y": [], "hovertemplate": "%{y:.1f} %"}
    noisy = config.label_noise > 0
    return style.figure(
        palette,
        [
            go.Scatter(
                name="wrong labels",
                line={"color": palette.training, "width": 2, "dash": "1px,4px"},
                visible=noisy,
                **line,
            ),
            go.Scatter(
                name="right labels" if noisy else "training",
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
            style.ring(f"best {config.evaluate_on}", palette, hover="best: %{y:.1f} %"),
        ],
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "correct, %"}, "range": [0, 101], "tickvals": [0, 20, 40, 60, 80, 100]},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    snapshot = telemetry.snapshot
    # with little noise and few examples, no label may be wrong
    training = "clean_accuracy" if snapshot and snapshot.clean else "training_accuracy"
    traces = []
    for name in ("corrupted_accuracy", training, "judge_accuracy"):
        traces.append(style.line(telemetry.epochs[name], 100))
    best = telemetry.best_by_accuracy.best
    traces.append(style.points([best.epoch], [100 * best.evaluation.accuracy]) if best else style.points([], []))
    if snapshot is None:
        return Update(traces)
    text = (
        f"After {numbers.count(snapshot.epoch)} epochs: training {numbers.percent(learnt(snapshot))}, "
        f"{config.evaluate_on} {numbers.percent(snapshot.evaluation.accuracy)}"
    )
    if snapshot.corrupted:
        text += f", wrong labels memorized {numbers.percent(snapshot.corrupted.accuracy)}"
    note = ""
    if best:
        note = f"best {numbers.percent(best.evaluation.accuracy)} at epoch {numbers.count(best.epoch)}"
        text += f"; {note}"
    found = [*marks.of_changes(telemetry, config.epochs), *stop(config, telemetry)]
    return Update(traces, marks.layout(found, top=0.45), text + ".", note)


def stop(config: RunConfig, telemetry: Telemetry) -> list[marks.Mark]:
    """Return the mark of the epoch at which early stopping ended the run, or would have ended it."""
    records = telemetry.best_by_cost if config.stop_on == "cost" else telemetry.best_by_accuracy
    end = records.patience_end_epoch(config.patience)
    if end is None:
        return []
    return [marks.Mark(end, "would stop early" if config.stop_on == "never" else "stopped early", dash="dash")]
