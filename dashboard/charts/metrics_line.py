"""The line of metrics above the panels: labels and values as text."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts import numbers
from dashboard.charts.panels.accuracy import correct_label_accuracy
from dashboard.charts.panels.weights_over_time import zero_neurons
from engine import RunConfig
from engine.families.penalties import penalty_of
from engine.runs.history.telemetry import Telemetry

MEMORIZED = "Wrong labels memorized"


def metric_rows(config: RunConfig, telemetry: Telemetry | None) -> list[tuple[str, str, str, str]]:
    """Return (label, value, tone, value of the ghost) of each metric.

    The tone is the meaning of the text's colour, "training" or "validation"; "" for the default colour. The value of
    the ghost is "" here; see `with_ghost`.
    """
    return [(*row, "") for row in _rows(config, telemetry)]


def with_ghost(
    rows: Sequence[tuple[str, str, str, str]], config: RunConfig, ghost: Telemetry, name: str
) -> list[tuple[str, str, str, str]]:
    """Return the metrics of a run with those of its ghost where the comparison matters.

    Args:
        rows: of the run, from `metric_rows`. config: of the run. ghost: the telemetry of the ghost.
        name: the short name of the ghost, such as "without".
    """
    if ghost.snapshot is None:
        return list(rows)
    values = {label: value for label, value, _ in _rows(config, ghost)}
    compared = (config.evaluate_on.capitalize(), MEMORIZED)
    return [
        (label, value, tone, f"{name} {values[label]}" if label in compared and label in values else "")
        for label, value, tone, _ in rows
    ]


def _rows(config: RunConfig, telemetry: Telemetry | None) -> list[tuple[str, str, str]]:
    snapshot = telemetry.snapshot if telemetry else None
    step = telemetry.step if telemetry else 0
    epoch = snapshot.epoch if snapshot else 0
    evaluation = config.evaluate_on.capitalize()
    no_value = numbers.NO_VALUE
    rows = [
        ("Epoch", f"{numbers.count(epoch)} / {numbers.count(config.epochs)}", ""),
        ("Step", numbers.count(step), ""),
        (
            "Training, right labels" if config.label_noise else "Training",
            numbers.percent(correct_label_accuracy(snapshot)) if snapshot else no_value,
            "training",
        ),
        (evaluation, numbers.percent(snapshot.evaluation.accuracy) if snapshot else no_value, "validation"),
        (
            "Gap",
            numbers.points(correct_label_accuracy(snapshot) - snapshot.evaluation.accuracy) if snapshot else no_value,
            "",
        ),
    ]
    if config.label_noise:
        memorized = snapshot.corrupted if snapshot else None
        rows.append((MEMORIZED, numbers.percent(memorized.accuracy) if memorized else no_value, ""))
    if penalty_of(config, n=1).zero_neurons:
        zero_count = zero_neurons(config, telemetry) if telemetry else None
        hidden_count = numbers.count(sum(config.hidden))
        rows.append(
            ("Neurons at zero", no_value if zero_count is None else f"{numbers.count(zero_count)} / {hidden_count}", "")
        )
    pace = telemetry.steps_per_second if telemetry else 0.0
    rows.append(("Pace", f"{_format_pace(pace)} steps/s" if pace else no_value, ""))
    return rows


def screen_reader_text(config: RunConfig, telemetry: Telemetry) -> str:
    """Return the run in one sentence for screen readers; "" before the first measurement."""
    snapshot = telemetry.snapshot
    if snapshot is None:
        return ""
    gap = correct_label_accuracy(snapshot) - snapshot.evaluation.accuracy
    sentence = (
        f"Epoch {snapshot.epoch}: training {numbers.percent(correct_label_accuracy(snapshot))}, "
        f"{config.evaluate_on} {numbers.percent(snapshot.evaluation.accuracy)}, gap {numbers.points(gap)}"
    )
    return sentence + _describe_trend(telemetry, gap) + "."


def _describe_trend(telemetry: Telemetry, gap: float) -> str:
    """Return how the gap changed over the last tenth of the epochs, such as ", growing".

    A gap that changed by less than one point is steady.
    """
    snapshots = telemetry.snapshots
    if len(snapshots) < 5:
        return ""
    earlier = snapshots[-1 - max(2, len(snapshots) // 10)]
    change = gap - (correct_label_accuracy(earlier) - earlier.evaluation.accuracy)
    if abs(change) < 0.01:
        return ", steady"
    return ", growing" if change > 0 else ", shrinking"


def _format_pace(pace: float) -> str:
    return numbers.count(pace) if pace >= 10 else f"{pace:.1f}"
