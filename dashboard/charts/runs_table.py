"""Short texts about a run in a list, for the page and for the terminal."""

from __future__ import annotations

import math

from engine.analysis.regularizers import regularizer_text
from engine.config import RunConfig
from engine.runs.store.record import About

STEPS = ((60.0, "s"), (60.0, "min"), (24.0, "h"), (math.inf, "d"))


def trained_with(config: RunConfig) -> str:
    """Return the regularizers of a run, as "L2 λ 1, dropout ½"."""
    return regularizer_text(config)


def gap_of(about: About) -> float | None:
    """Return the training accuracy on right labels minus the evaluation accuracy, −1 … 1; None if not measured."""
    metrics = about.metrics
    if "learnt_accuracy" not in metrics or "judge_accuracy" not in metrics:
        return None
    return metrics["learnt_accuracy"] - metrics["judge_accuracy"]


def found_by(about: About, words: str) -> bool:
    """Return True if the texts about a run contain all of these words; case is ignored."""
    text = " ".join(
        (
            about.id,
            about.name,
            about.note,
            *about.tags,
            about.initial_config.dataset,
            trained_with(about.initial_config),
            about.state,
        )
    ).casefold()
    return all(word in text for word in words.casefold().split())


def ago(moment: float, now: float) -> str:
    """Return a time span, as "5 min ago"; both arguments are in seconds since 1970."""
    span = max(0.0, now - moment)
    for size, unit in STEPS:
        if span < size:
            return f"{span:.0f} {unit} ago"
        span /= size
    raise AssertionError("the last step has no end")
