"""The accuracy on both sets, the gap between them, the best epoch, and what becomes of the corrupted labels."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine import RunConfig, Snapshot
from engine.runs.history.telemetry import Telemetry


def learnt(snapshot: Snapshot) -> float:
    """The training accuracy to hold against validation: on the right labels, where some are not.

    With three labels in ten corrupted, the accuracy on all of them stands below validation for a
    network that is doing well, which puzzles people.
    """
    return (snapshot.clean or snapshot.training).accuracy


def look(config: RunConfig) -> str:
    if config.label_noise:
        return "Corrupted labels can only be memorized: the dotted line should stay low."
    return "The shaded gap is what regularization fights."


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
            go.Scatter(
                name=f"best {config.evaluate_on}",
                mode="markers",
                x=[],
                y=[],
                marker={"symbol": "circle-open", "size": 9, "color": palette.validation, "line": {"width": 2}},
                hovertemplate="best: %{y:.1f} %",
                showlegend=False,
            ),
        ],
        x=style.epoch_axis(config.epochs),
        y={"title": {"text": "correct, %"}, "range": [0, 101], "tickvals": [0, 20, 40, 60, 80, 100]},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    snapshot = telemetry.snapshot
    # a little noise on few examples may have corrupted none of them
    training = "clean_accuracy" if snapshot and snapshot.clean else "training_accuracy"
    traces = []
    for name in ("corrupted_accuracy", training, "judge_accuracy"):
        traces.append(style.line(telemetry.epochs[name], 100))
    best = telemetry.most_accurate.best
    traces.append(style.points([best.epoch], [100 * best.judge.accuracy]) if best else style.points([], []))
    if snapshot is None:
        return Update(traces)
    text = (
        f"After {numbers.count(snapshot.epoch)} epochs: training {numbers.percent(learnt(snapshot))}, "
        f"{config.evaluate_on} {numbers.percent(snapshot.judge.accuracy)}"
    )
    if snapshot.corrupted:
        text += f", corrupted labels memorized {numbers.percent(snapshot.corrupted.accuracy)}"
    note = ""
    if best:
        note = f"best {numbers.percent(best.judge.accuracy)} at epoch {numbers.count(best.epoch)}"
        text += f"; {note}"
    wanted = [*marks.of_changes(telemetry, config.epochs), *stop(config, telemetry)]
    return Update(traces, marks.layout(wanted, top=0.45), text + ".", note)


def stop(config: RunConfig, telemetry: Telemetry) -> list[marks.Mark]:
    """Where early stopping ended the run, or would have: the first epoch without anything better for so long."""
    records = telemetry.cheapest if config.stop_on == "cost" else telemetry.most_accurate
    end = records.patience_ended(config.patience)
    if end is None:
        return []
    return [marks.Mark(end, "would stop early" if config.stop_on == "never" else "stopped early", dash="dash")]
