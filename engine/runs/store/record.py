"""A run as the store keeps it: what a list says of it, and all that makes it again."""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy import ndarray as Array

from engine.config import RunConfig
from engine.errors import FieldError
from engine.learning.checkpoint import Checkpoint
from engine.runs import states
from engine.runs.history.telemetry import Telemetry

ID = re.compile("[0-9a-f]{16}")
ORIGINS = ("page", "command line", "sweep", "file")
MOST_NAME, MOST_NOTE, MOST_TAGS, MOST_TAG = 100, 10_000, 20, 40  # letters; tags
STATES = (*sorted(states.FINAL), states.QUEUED, states.RUNNING, states.PAUSED)


def new_id() -> str:
    """Return a run id of 16 random hexadecimal digits."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class About:
    """What a list says of a run.

    Attributes:
        id: names it in links. initial_config: the config it started with.
        state: where nobody trains it any more, one of `states.FINAL`. reason: why it has ended, where there is
            more to say. pace: updates a second it was held to, None for full speed.
        step, steps_per_epoch: updates done, and in an epoch. seconds: spent on training, pauses left out.
        figures: of its newest and its best measurement, by name; see `figures_of`.
        created, updated: seconds since 1970.
        origin: where it was started, one of `ORIGINS`.
        name, note, tags: what a person wrote. party: those started together have the same, else "".
        parent, forked_at: the run that it continues, and from which update on; "" and None for one of its own.
        deleted: when it was deleted, for as long as that can be undone; else None.
    """

    id: str
    initial_config: RunConfig
    state: str = states.QUEUED
    reason: str | None = None
    pace: float | None = None
    step: int = 0
    steps_per_epoch: int = 0
    seconds: float = 0.0
    figures: Mapping[str, float] = field(default_factory=dict)
    created: float = 0.0
    updated: float = 0.0
    origin: str = "page"
    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    party: str = ""
    parent: str = ""
    forked_at: int | None = None
    deleted: float | None = None

    @property
    def epochs(self) -> float:
        """Epochs done, parts of one included."""
        return self.step / self.steps_per_epoch if self.steps_per_epoch else 0.0


@dataclass(frozen=True)
class Event:
    """Something that happened to a run.

    Attributes:
        step: updates done by then. at: seconds since 1970.
        kind: "state" or "change". body: the state, or the new values by field.
    """

    step: int
    at: float
    kind: str
    body: Any


@dataclass(frozen=True)
class Record:
    """A run, whole.

    Attributes:
        about: what a list says. telemetry: its lines, measurements, changes and keyframes.
        checkpoint: to go on from; None where it was not begun.
        trained: for each hidden layer, the mini-batches each neuron has trained on (n,), by the checkpoint.
        events: what happened, the first one first.
    """

    about: About
    telemetry: Telemetry
    checkpoint: Checkpoint | None = None
    trained: tuple[Array, ...] = ()
    events: tuple[Event, ...] = ()


def figures_of(telemetry: Telemetry) -> dict[str, float]:
    """What a list shows of a run: its newest measurement, and the best epochs. Empty before any."""
    newest, best, cheapest = telemetry.snapshot, telemetry.most_accurate.best, telemetry.cheapest.best
    found: dict[str, float] = {}
    if newest:
        found |= {
            "training_accuracy": newest.training.accuracy,
            # on labels that are right, where some are not: a gap to the judge is then one of the same kind
            "learnt_accuracy": (newest.clean or newest.training).accuracy,
            "judge_accuracy": newest.judge.accuracy,
            "judge_size": newest.judge.size,
            "training_cost": newest.training.cost,
            "judge_cost": newest.judge.cost,
            "penalty": newest.penalty,
        }
    if best:
        found |= {"best_accuracy": best.judge.accuracy, "best_epoch": best.epoch}
    if cheapest:
        found |= {"lowest_cost": cheapest.judge.cost, "lowest_cost_epoch": cheapest.epoch}
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}


def check_words(name: str, note: str, tags: tuple[str, ...]) -> None:
    """Refuse what is too long to be a name, a note or tags, or cannot be shown.

    Raises:
        FieldError: naming which.
    """
    for field_, text, most in (("name", name, MOST_NAME), ("note", note, MOST_NOTE)):
        if not isinstance(text, str) or len(text) > most:
            raise FieldError(field_, f"must be text of at most {most} letters, got {_length(text)}: shorten it")
    if not isinstance(tags, tuple) or len(tags) > MOST_TAGS:
        raise FieldError("tags", f"must be at most {MOST_TAGS}, got {_length(tags)}: take fewer")
    for tag in tags:
        if not isinstance(tag, str) or not 0 < len(tag) <= MOST_TAG or "," in tag:
            raise FieldError("tags", f"must have 1 to {MOST_TAG} letters and no comma each, got {str(tag)[:60]!r}")
    if "\0" in name or "\0" in note or any("\0" in tag for tag in tags):
        raise FieldError("name", "and note and tags must not hold a zero byte: take it out")
    try:
        json.dumps([name, note, *tags], ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise FieldError(
            "name", "and note and tags must be text that can be written: take the lone half out"
        ) from error


def _length(value: object) -> str:
    return str(len(value)) if isinstance(value, str | tuple | list) else repr(value)[:60]
