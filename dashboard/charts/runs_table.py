"""What a list says of a run, in short words: for the page and for the terminal."""

from __future__ import annotations

import math

from engine.analysis.regularizers import regularizer
from engine.config import RunConfig
from engine.runs.store.record import About

STEPS = ((60.0, "s"), (60.0, "min"), (24.0, "h"), (math.inf, "d"))


def trained_with(config: RunConfig) -> str:
    """What regularizes a run, as "L2 λ 1, dropout ½"."""
    return regularizer(config)


def gap_of(about: About) -> float | None:
    """What was learnt, on right labels, minus judge, 0 … 1; None before anything was measured."""
    figures = about.figures
    if "learnt_accuracy" not in figures or "judge_accuracy" not in figures:
        return None
    return figures["learnt_accuracy"] - figures["judge_accuracy"]


def found_by(about: About, words: str) -> bool:
    """Whether all of these words stand somewhere in what is said of a run, capitals aside."""
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
    """How long ago, as "5 min ago"; both in seconds since 1970."""
    span = max(0.0, now - moment)
    for size, unit in STEPS:
        if span < size:
            return f"{span:.0f} {unit} ago"
        span /= size
    raise AssertionError("the last step has no end")
