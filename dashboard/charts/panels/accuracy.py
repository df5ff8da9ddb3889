"""The accuracies of one run: on each set, on wrong labels, and in the mini-batches; the gap and the best epoch."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.charts import marks, numbers, style
from dashboard.charts.choice import Switch
from dashboard.charts.ghosts import Ghost, ghost_line
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.update import Update
from engine import RunConfig, Snapshot
from engine.analysis.regularizers import has_dropout
from engine.runs.history.telemetry import MINI_BATCH_ACCURACY, Telemetry


def correct_label_accuracy(snapshot: Snapshot) -> float:
    """Return the training accuracy on the correct labels, from 0 to 1.

    This accuracy is compared with that on the evaluation set. With three labels in ten wrong, the accuracy on all
    labels is below it even for a good network.
    """
    return (snapshot.clean or snapshot.training).accuracy


def caption(config: RunConfig) -> str:
    return "Wrong labels can only be memorized." if config.label_noise else "The shaded gap shows overfitting."


def about(config: RunConfig) -> tuple[str, ...]:
    noise = (
        "Right labels: the share of the training examples with a right label that are classified correctly.",
        "Wrong labels: the share of the examples with a wrong label that are classified as that label. "
        "They cannot be learned, only memorized.",
    )
    return (
        "The share of the examples of a set that are classified correctly, in percent.",
        *(noise if config.label_noise else ()),
        measured.AFTER_EPOCH,
        f"The shaded gap is the overfitting: training minus {config.evaluate_on}. The circle is the best epoch.",
        *_mini_batch_sentences(config),
    )


def _mini_batch_sentences(config: RunConfig) -> tuple[str, str]:
    """Return what the line of the mini-batches is, and how it differs from the training accuracy."""
    network = "with the neurons that its mask keeps" if has_dropout(config) else "with all neurons"
    labels = ", wrong labels included" if config.label_noise else ""
    causes = "because dropout is on and because the weights" if has_dropout(config) else "because the weights"
    return (
        f"{mini_batch_label(config)}, off at first: Σ correct answers / Σ examples over the mini-batches of "
        f"an epoch{labels}. Each mini-batch is answered before its own update, {network}.",
        f"Keras and fastai print this number. It may be below {config.evaluate_on}, {causes} improve during the epoch.",
    )


def mini_batch_label(config: RunConfig) -> str:
    """Return the name of the accuracy over the mini-batches of an epoch."""
    dropout = ", with dropout" if has_dropout(config) else ""
    return f"Training as other libraries print it (mini-batches{dropout})"


# The traces in drawing order: wrong labels, right labels, evaluation set, best epoch, mini-batches; then the first
# three of the ghost.
MINI_BATCH_TRACE = 4
FIRST_GHOST_TRACE = 5
MINI_BATCH_SWITCH = "mini_batches"
NOT_RECORDED = "Not recorded up to here: an earlier version trained this run, or it was forked within this epoch."
MIN_GAP = 0.02  # between the accuracies, from which the caption names it


def is_smooth(config: RunConfig) -> bool:
    return not config.measure_all  # the book's curves are not smoothed


def switches(config: RunConfig) -> list[Switch]:
    return [Switch(MINI_BATCH_SWITCH, mini_batch_label(config), MINI_BATCH_TRACE)]


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    hover = "%{y:.1f} %"
    line = {"mode": "lines", "x": [], "y": [], "hovertemplate": hover}
    has_label_noise = config.label_noise > 0
    return style.figure(
        palette,
        [
            go.Scatter(
                name="wrong labels",
                line={"color": palette.memorized, "width": 2},
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
                line={"color": palette.validation, "width": 2},
                fill="tonexty",
                fillcolor=palette.gap,
                **line,
            ),
            style.hollow_circle(f"best {config.evaluate_on}", palette, hover="best: %{y:.1f} %"),
            go.Scatter(
                name="mini-batches",
                line={"color": palette.training, "width": 1.5, "dash": "6px,3px"},
                visible=False,
                **line,
            ),
            ghost_line("wrong labels", palette, "1px,3px", visible=has_label_noise, hovertemplate=hover),
            ghost_line("training", palette, "4px,3px", hovertemplate=hover),
            ghost_line(config.evaluate_on, palette, hovertemplate=hover),
        ],
        x=style.epoch_axis(config.epochs, style.LABEL_ROOM),
        y={"title": {"text": "correct, %"}, "range": [0, 101], "tickvals": [0, 20, 40, 60, 80, 100]},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    snapshot = telemetry.snapshot
    traces = [style.line_data(telemetry.epochs[name], 100) for name in _series_names(telemetry)]
    best = telemetry.best_by_accuracy.best
    traces.append(
        style.point_data([best.epoch], [100 * best.evaluation.accuracy]) if best else style.point_data([], [])
    )
    mini_batches = telemetry.over_time.get(MINI_BATCH_ACCURACY)
    traces.append(style.line_data(mini_batches, 100) if mini_batches else style.point_data([], []))
    if snapshot is None:
        return Update(traces)
    text = (
        f"After {numbers.count(snapshot.epoch)} epochs: training {numbers.percent(correct_label_accuracy(snapshot))}, "
        f"{config.evaluate_on} {numbers.percent(snapshot.evaluation.accuracy)}"
    )
    if snapshot.corrupted:
        text += f", wrong labels memorized {numbers.percent(snapshot.corrupted.accuracy)}"
    if mini_batches:
        text += f", in the mini-batches {numbers.percent(mini_batches.latest)}"
    note = ""
    if best:
        note = f"best {numbers.percent(best.evaluation.accuracy)} at epoch {numbers.count(best.epoch)}"
        text += f"; {note}"
    epoch_marks = [*marks.change_marks(telemetry, config.epochs), *early_stopping_marks(config, telemetry)]
    missing = {} if mini_batches or not snapshot.epoch else {MINI_BATCH_SWITCH: NOT_RECORDED}
    caption = _current_caption(config, snapshot)
    return Update(traces, marks.marks_layout(epoch_marks), f"{text}.", note, caption, missing)


def _current_caption(config: RunConfig, snapshot: Snapshot) -> str:
    if snapshot.corrupted:
        return f"{numbers.percent(snapshot.corrupted.accuracy)} of the wrong labels are memorized."
    gap = correct_label_accuracy(snapshot) - snapshot.evaluation.accuracy
    return f"Training is {numbers.points(gap).lstrip('+')} above {config.evaluate_on}." if gap >= MIN_GAP else ""


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
    return [
        marks.Mark(
            end_epoch, "early stopping would end here" if config.stop_on == "never" else "stopped early", "dash", "■"
        )
    ]
