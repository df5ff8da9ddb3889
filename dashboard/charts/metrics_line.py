"""The line of metrics above the panels: labels and values, as text."""

from __future__ import annotations

from dashboard.charts import numbers
from dashboard.charts.panels.accuracy import learnt
from dashboard.charts.panels.norms import zero_neurons
from engine import RunConfig
from engine.families.penalties import penalty_of
from engine.runs.history.telemetry import Telemetry


def line(config: RunConfig, telemetry: Telemetry | None) -> list[tuple[str, str, str]]:
    """Return (label, value, tone) of each metric; the tone names a colour's meaning, as "training", or is empty."""
    snapshot = telemetry.snapshot if telemetry else None
    step = telemetry.step if telemetry else 0
    epoch = snapshot.epoch if snapshot else 0
    evaluation = config.evaluate_on.capitalize()
    none = numbers.NONE
    row = [
        ("Epoch", f"{numbers.count(epoch)} / {numbers.count(config.epochs)}", ""),
        ("Step", numbers.count(step), ""),
        (
            "Training, right labels" if config.label_noise else "Training",
            numbers.percent(learnt(snapshot)) if snapshot else none,
            "training",
        ),
        (evaluation, numbers.percent(snapshot.evaluation.accuracy) if snapshot else none, "validation"),
        ("Gap", numbers.points(learnt(snapshot) - snapshot.evaluation.accuracy) if snapshot else none, ""),
    ]
    if config.label_noise:
        memorized = snapshot.corrupted if snapshot else None
        row.append(("Wrong labels memorized", numbers.percent(memorized.accuracy) if memorized else none, ""))
    if penalty_of(config, n=1).zero_neurons:
        gone = zero_neurons(config, telemetry) if telemetry else None
        hidden = numbers.count(sum(config.hidden))
        row.append(("Neurons at zero", none if gone is None else f"{numbers.count(gone)} / {hidden}", ""))
    pace = telemetry.steps_per_second if telemetry else 0.0
    row.append(("Pace", f"{_rate(pace)} steps/s" if pace else none, ""))
    return row


def spoken(config: RunConfig, telemetry: Telemetry) -> str:
    """Return the run in one sentence for screen readers; "" before the first measurement."""
    snapshot = telemetry.snapshot
    if snapshot is None:
        return ""
    gap = learnt(snapshot) - snapshot.evaluation.accuracy
    words = (
        f"Epoch {snapshot.epoch}: training {numbers.percent(learnt(snapshot))}, "
        f"{config.evaluate_on} {numbers.percent(snapshot.evaluation.accuracy)}, gap {numbers.points(gap)}"
    )
    return words + _trend(telemetry, gap) + "."


def _trend(telemetry: Telemetry, gap: float) -> str:
    """Return how the gap changed over the last tenth of the epochs; a change below one point is steady."""
    shots = telemetry.snapshots
    if len(shots) < 5:
        return ""
    before = shots[-1 - max(2, len(shots) // 10)]
    change = gap - (learnt(before) - before.evaluation.accuracy)
    if abs(change) < 0.01:
        return ", steady"
    return ", growing" if change > 0 else ", shrinking"


def _rate(pace: float) -> str:
    return numbers.count(pace) if pace >= 10 else f"{pace:.1f}"
