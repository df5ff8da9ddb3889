"""One line above the board: what is trained, and when the run has finished, how it ended, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts import numbers
from dashboard.charts.panels.accuracy import correct_label_accuracy
from engine import RunConfig
from engine.analysis.regularizers import regularizer_text
from engine.data import dataset_title
from engine.data.own import is_own_dataset
from engine.runs.history.telemetry import Telemetry

SAME = 0.005  # accuracies that differ by less are called equal: 500 validation examples give steps of 0.002


def situation(config: RunConfig, ghost_name: str = "") -> str:
    """Return a text about what is trained.

    Args:
        config: the run. ghost_name: what the grey run is, or "".
    """
    title = dataset_title(config.dataset)
    if config.train_size is None:
        examples, wrong = "all training examples", numbers.percent(config.label_noise) if config.label_noise else ""
    else:
        wrong_count = round(config.label_noise * config.train_size)
        examples = f"{numbers.count(config.train_size)} training examples"
        wrong = numbers.count(wrong_count) if wrong_count else ""
    of_them = f", {wrong} of them with a wrong label" if wrong else ""
    grey = f" Grey: {ghost_name}." if ghost_name else ""
    return f"{title}: {examples}{of_them}.{grey}"


def subtitle(configs: Sequence[RunConfig]) -> str:
    """Return what runs have in common in a few words: data, regularizer of a single run, and seed."""
    parts = []
    if len({config.dataset for config in configs}) == 1:
        title, name = dataset_title(configs[0].dataset), configs[0].dataset
        parts.append(title if is_own_dataset(name) else title.partition(",")[0])  # without the size of the pictures
    if len(configs) == 1:
        parts.append(regularizer_text(configs[0]))
    if len({config.seed for config in configs}) == 1:
        parts.append(f"seed {configs[0].seed}")
    return " · ".join(parts)


def verdict(config: RunConfig, telemetry: Telemetry, ghost: Telemetry | None = None) -> str:
    """Return how a finished run ended, compared with the grey run if it has been measured; "" before a measurement.

    Args:
        config: the run. telemetry: of the run. ghost: the telemetry of the grey run, None without one.
    """
    snapshot, ghost_snapshot = telemetry.snapshot, ghost.snapshot if ghost else None
    if snapshot is None:
        return ""
    accuracy = snapshot.evaluation.accuracy
    name = regularizer_text(config)
    text = f"{name[0].upper()}{name[1:]} ends at {numbers.percent(accuracy)} on the {config.evaluate_on} set"
    if ghost_snapshot is None:
        best, gap = telemetry.best_by_accuracy.best, correct_label_accuracy(snapshot) - accuracy
        if best:
            text += f" (best {numbers.percent(best.evaluation.accuracy)} at epoch {numbers.count(best.epoch)})"
        text += f", with a gap of {numbers.points(gap)}"
    else:
        difference = accuracy - ghost_snapshot.evaluation.accuracy
        comparison = f"{numbers.points(abs(difference)).lstrip('+')} {'above' if difference > 0 else 'below'}"
        if abs(difference) < SAME:
            comparison = "level with"
        text += f", {comparison} the grey run"
    if snapshot.corrupted:
        memorized = f"It has memorized {numbers.percent(snapshot.corrupted.accuracy)} of the wrong labels"
        if ghost_snapshot is not None and ghost_snapshot.corrupted:
            memorized += f", the grey run {numbers.percent(ghost_snapshot.corrupted.accuracy)}"
        return f"{text}. {memorized}."
    return f"{text}."
