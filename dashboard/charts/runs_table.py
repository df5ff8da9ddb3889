"""Short texts about a run in a list of runs, for the page and the terminal."""

from __future__ import annotations

import re
from typing import Protocol

from dashboard.charts import numbers
from engine.analysis.regularizers import regularizer_text
from engine.data import dataset_title
from engine.errors import format_duration
from engine.runs.names import NUMBERED_NAME, Named, display_name
from engine.runs.store.record import About

# Characters of names that are written differently in file names.
IN_FILE_NAMES = {"½": "0.5", "λ": "lambda", "η": "eta"}
MAX_STEM_LENGTH = 60  # characters


class StoredOrServed(Named, Protocol):
    """A run of a server or a row of the store."""

    @property
    def id(self) -> str: ...


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
            dataset_title(about.initial_config.dataset),
            regularizer_text(about.initial_config),
            about.state,
        )
    ).casefold()
    return all(word in text for word in query.casefold().split())


def format_age(timestamp: float, now: float) -> str:
    """Return the time since a timestamp, such as "5 min ago"; both arguments are in seconds since 1970."""
    return f"{format_duration(max(0.0, now - timestamp), max_units=1)} ago"


def file_stem(run: StoredOrServed) -> str:
    """Return the first part of the file names of a run: "regscope-Dropout-0.5-digits-2".

    It is different for all runs of a store: a name that the user gave is followed by the beginning of the id.
    """
    name = display_name(run)
    match = None if run.name else NUMBERED_NAME.fullmatch(name)
    words, end = (match["words"], match["number"]) if match else (name, run.id[:8])
    words = "".join(IN_FILE_NAMES.get(character, character) for character in words)
    stem = re.sub(r"[^\w.-]+", "-", words)[: MAX_STEM_LENGTH - len(end) - 1].strip("-.")
    return f"regscope-{stem or 'run'}-{end}"


def card_lines(about: About, now: float) -> list[str]:
    """Return the lines of a run below its name in a list for narrow screens; `now` is in seconds since 1970."""
    config, metrics, gap = about.initial_config, about.metrics, gap_of(about)
    lines = [f"{regularizer_text(config)}, {dataset_title(config.dataset, short=True)}"] if about.name else []
    done = numbers.decimal(about.epochs)
    lines.append(f"{about.state}, {done} of {numbers.count(config.epochs)} epochs, {format_age(about.created, now)}")
    values = []
    if "best_accuracy" in metrics:
        values.append(f"best {numbers.percent(metrics['best_accuracy'])} at {numbers.count(metrics['best_epoch'])}")
    if "judge_accuracy" in metrics:
        values.append(f"last {numbers.percent(metrics['judge_accuracy'])}")
    if gap is not None:
        values.append(f"gap {numbers.points(gap)}")
    if about.seconds:
        values.append(f"computing {format_duration(about.seconds)}")
    lines.append(", ".join(values))
    lines.append(", ".join(about.tags))
    return [line for line in lines if line]
