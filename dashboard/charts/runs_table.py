"""Short texts about a run in a list of runs, for the page and the terminal."""

from __future__ import annotations

import re

from engine.analysis.regularizers import regularizer_text
from engine.errors import format_duration
from engine.runs.names import Named, display_name
from engine.runs.store.record import About

# Characters of names that are written differently in file names.
IN_FILE_NAMES = {"½": "0.5", "λ": "lambda", "η": "eta"}
MAX_STEM_LENGTH = 60  # characters


def gap_of(about: About) -> float | None:
    """Return the gap of a run, from −1 to 1; None if it was not measured.

    The gap is the training accuracy on correct labels minus the evaluation accuracy.
    """
    metrics = about.metrics
    if "learnt_accuracy" not in metrics or "judge_accuracy" not in metrics:
        return None
    return metrics["learnt_accuracy"] - metrics["judge_accuracy"]


def matches_search(about: About, query: str) -> bool:
    """Return True if the texts about a run contain all words of a query; case is ignored."""
    text = " ".join(
        (
            about.id,
            about.name,
            about.default_name,
            about.note,
            *about.tags,
            about.initial_config.dataset,
            regularizer_text(about.initial_config),
            about.state,
        )
    ).casefold()
    return all(word in text for word in query.casefold().split())


def format_age(timestamp: float, now: float) -> str:
    """Return the time since a timestamp, such as "5 min ago"; both arguments are in seconds since 1970."""
    return f"{format_duration(max(0.0, now - timestamp), max_units=1)} ago"


def file_stem(run: Named) -> str:
    """Return the first part of the file names of a run: "regscope-Dropout-0.5-digits-2"."""
    name = "".join(IN_FILE_NAMES.get(character, character) for character in display_name(run))
    stem = re.sub(r"[^\w.-]+", "-", name)[:MAX_STEM_LENGTH].strip("-.")
    return f"regscope-{stem or 'run'}"
