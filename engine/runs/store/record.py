"""A stored run: its row in the list of runs, and its checkpoint."""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy import ndarray as Array

from engine.config import RunConfig
from engine.errors import FieldError
from engine.learning.checkpoint import Checkpoint
from engine.runs import states
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.telemetry import Telemetry
from engine.runs.names import MAX_DEFAULT_NAME_LENGTH
from engine.runs.store.checks import check_date, check_finite, check_text, check_whole
from engine.runs.store.columns import Writer, column_metadata

RUN_ID = re.compile("[0-9a-f]{16}")
ORIGINS = ("page", "command line", "sweep", "file")
MAX_GROUP_LENGTH = 64  # characters, also of the id of the parent
MAX_NAME_LENGTH, MAX_NOTE_LENGTH, MAX_TAGS, MAX_TAG_LENGTH = 100, 10_000, 20, 40  # characters, or number of tags
STATES = (*sorted(states.ENDED), states.QUEUED, states.RUNNING, states.PAUSED)


def new_id() -> str:
    """Return a run id of 16 random hexadecimal digits."""
    return secrets.token_hex(8)


def _check_id(value: Any) -> None:
    if not isinstance(value, str) or not RUN_ID.fullmatch(value):
        raise ValueError(f"expected 16 hexadecimal digits, got {str(value)[:40]!r}")


def _check_one_of(values: Container[str]) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if value not in values:
            raise ValueError(f"unknown value {str(value)[:40]!r}")

    return check


def _check_reason(value: Any) -> None:
    if value is not None:
        check_text(value)


def _check_pace(value: Any) -> None:
    if value is not None and check_finite(value) <= 0:
        raise ValueError(f"expected a number above 0 or null, got {value!r}")


def _check_default_name(value: Any) -> None:
    check_text(value, MAX_DEFAULT_NAME_LENGTH)


def _check_group(value: Any) -> None:
    check_text(value, MAX_GROUP_LENGTH)


def _check_optional(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else check(value)


def _decode_metrics(plain: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): value for name, value in plain.items()}


def _check_metrics(plain: Any) -> None:
    if not isinstance(plain, Mapping):
        raise ValueError(f"expected numbers by name, got {str(plain)[:40]!r}")
    for value in plain.values():
        check_finite(value)


def _check_tags(plain: Any) -> None:
    if not isinstance(plain, list | tuple):
        raise ValueError(f"expected a list, got {str(plain)[:40]!r}")


@dataclass(frozen=True)
class About:
    """What the list of runs shows of one run: one row of the table `runs`.

    To add a field, add an entry here and a migration of its column in `engine.runs.store.schema`. The
    columns and the packed form are derived from the entries; see `engine.runs.store.columns`. The name and the
    note are checked together with the tags, by `check_texts`.

    Attributes:
        id: the id of the run, also used in links. initial_config: the config it started with.
        state: one of `states.ENDED` once no process trains it. reason: why it ended, if known.
        pace: updates per second, None for full speed.
        step, steps_per_epoch: updates done, and updates in an epoch.
        seconds: training time, with the measurements at the end of epochs and without pauses.
        metrics: metrics of the newest and the best measurements, by name; see `metrics_of`.
        created, updated: seconds since 1970.
        origin: where it was started, one of `ORIGINS`.
        name, note, tags: written by the user. default_name: what it is called without a name; see `engine.runs.names`.
        group: equal for runs that were started together, else "".
        parent, forked_at: the id of the parent of a fork and the step where the fork starts; else "" and None.
        deleted: the time of its deletion, seconds since 1970; None otherwise.
    """

    id: str = field(metadata=column_metadata(check=_check_id))
    initial_config: RunConfig = field(
        metadata=column_metadata(
            name="config",
            # a run that is changed while it is queued may start before its row is updated
            writer=Writer.TRAINING,
            json=True,
            encode=RunConfig.to_dict,
            decode=RunConfig.from_dict,
            cached=True,
        )
    )
    state: str = field(
        default=states.QUEUED, metadata=column_metadata(writer=Writer.TRAINING, check=_check_one_of(STATES))
    )
    reason: str | None = field(default=None, metadata=column_metadata(writer=Writer.TRAINING, check=_check_reason))
    pace: float | None = field(default=None, metadata=column_metadata(writer=Writer.TRAINING, check=_check_pace))
    step: int = field(default=0, metadata=column_metadata(writer=Writer.TRAINING, check=check_whole))
    steps_per_epoch: int = field(default=0, metadata=column_metadata(writer=Writer.TRAINING, check=check_whole))
    seconds: float = field(default=0.0, metadata=column_metadata(writer=Writer.TRAINING, check=check_finite))
    metrics: Mapping[str, float] = field(
        default_factory=dict,
        metadata=column_metadata(
            name="figures",
            writer=Writer.TRAINING,
            json=True,
            encode=dict,
            decode=_decode_metrics,
            check=_check_metrics,
        ),
    )
    created: float = field(default=0.0, metadata=column_metadata(check=check_date))
    updated: float = field(default=0.0, metadata=column_metadata(writer=Writer.TRAINING, check=check_date))
    origin: str = field(default="page", metadata=column_metadata(check=_check_one_of(ORIGINS)))
    name: str = field(default="", metadata=column_metadata(writer=Writer.USER))
    default_name: str = field(default="", metadata=column_metadata(writer=Writer.TRAINING, check=_check_default_name))
    note: str = field(default="", metadata=column_metadata(writer=Writer.USER))
    tags: tuple[str, ...] = field(
        default=(),
        metadata=column_metadata(writer=Writer.USER, json=True, encode=list, decode=tuple, check=_check_tags),
    )
    # "party" is the name of the column and the key in files since version 0.1.0
    group: str = field(default="", metadata=column_metadata(name="party", check=_check_group))
    parent: str = field(default="", metadata=column_metadata(check=_check_group))
    forked_at: int | None = field(default=None, metadata=column_metadata(check=_check_optional(check_whole)))
    deleted: float | None = field(
        default=None, metadata=column_metadata(writer=Writer.DELETION, check=_check_optional(check_date))
    )

    @property
    def observed_state(self) -> str:
        """The state in a program that does not train the run: `states.ELSEWHERE` while another one does."""
        return self.state if self.state in states.ENDED else states.ELSEWHERE

    @property
    def epochs(self) -> float:
        """Epochs done, with fractions."""
        return self.step / self.steps_per_epoch if self.steps_per_epoch else 0.0


@dataclass(frozen=True)
class Event:
    """A change of the state or the config of a run.

    Attributes:
        step: updates done at that time. at: the time of the event, in seconds since 1970.
        kind: "state" or "change". body: the state, or the new values by field.
    """

    step: int = field(metadata=column_metadata(check=check_whole))
    at: float = field(metadata=column_metadata(check=check_date))
    kind: str = field(metadata=column_metadata())
    body: Any = field(metadata=column_metadata(json=True))


@dataclass(frozen=True)
class Record:
    """Everything that the store contains of one run.

    Attributes:
        about: its row in the list of runs. telemetry: its series, measurements, changes and keyframes.
        checkpoint: the checkpoint to resume from; None if the run was not started.
        training_counts: for each hidden layer, the number of mini-batches each neuron was trained on (n,), at the
            checkpoint.
        events: its states and changes, in chronological order.
    """

    about: About
    telemetry: Telemetry
    checkpoint: Checkpoint | None = None
    training_counts: tuple[Array, ...] = ()
    events: tuple[Event, ...] = ()


def metrics_of(telemetry: Telemetry) -> dict[str, float]:
    """Return the metrics for the list of runs.

    They come from the newest measurement and the best epochs; empty before the first measurement.
    """
    newest, best, lowest_cost = telemetry.snapshot, telemetry.best_by_accuracy.best, telemetry.best_by_cost.best
    metrics: dict[str, float] = {}
    if newest:
        metrics |= {
            "training_accuracy": newest.training.accuracy,
            # if some labels are corrupted, the accuracy on the correct ones, as on the evaluation set
            "learnt_accuracy": (newest.clean or newest.training).accuracy,
            "judge_accuracy": newest.evaluation.accuracy,
            "judge_size": newest.evaluation.size,
            "training_cost": newest.training.cost,
            "judge_cost": newest.evaluation.cost,
            "penalty": newest.penalty,
        }
    if best:
        metrics |= {"best_accuracy": best.evaluation.accuracy, "best_epoch": best.epoch}
    if lowest_cost:
        metrics |= {"lowest_cost": lowest_cost.evaluation.cost, "lowest_cost_epoch": lowest_cost.epoch}
    return {name: float(value) for name, value in metrics.items() if math.isfinite(value)}


def check_texts(name: str, note: str, tags: tuple[str, ...]) -> None:
    """Check the name, the note and the tags of a run.

    Raises:
        FieldError: for a name, a note or a tag that is too long or cannot be encoded.
    """
    for field_, text, max_length in (("name", name, MAX_NAME_LENGTH), ("note", note, MAX_NOTE_LENGTH)):
        if not isinstance(text, str) or len(text) > max_length:
            raise FieldError(
                field_, f"must be text of at most {max_length} characters, got {_describe_length(text)}: shorten it"
            )
    if not isinstance(tags, tuple) or len(tags) > MAX_TAGS:
        raise FieldError("tags", f"must be at most {MAX_TAGS}, got {_describe_length(tags)}: remove some")
    for tag in tags:
        if not isinstance(tag, str) or not 0 < len(tag) <= MAX_TAG_LENGTH or "," in tag:
            raise FieldError(
                "tags",
                f"must have 1 to {MAX_TAG_LENGTH} characters and no comma each, got {str(tag)[:60]!r}: change it",
            )
    if "\0" in name or "\0" in note or any("\0" in tag for tag in tags):
        raise FieldError("name", "and note and tags must not contain a zero byte: remove it")
    try:
        json.dumps([name, note, *tags], ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise FieldError(
            "name", "and note and tags must be valid text, got half of a surrogate pair: remove it"
        ) from error


def _describe_length(value: object) -> str:
    return str(len(value)) if isinstance(value, str | tuple | list) else repr(value)[:60]


def add_newest_keyframe(record: Record) -> None:
    """Add the weights of the checkpoint to the keyframes of a run, if they are those of its newest step.

    Stored keyframes are some time apart, and those of large networks are rounded: without this, a run that was
    interrupted has no weights of its newest step, and a fork from there is not exact.
    """
    checkpoint, telemetry = record.checkpoint, record.telemetry
    if checkpoint is not None and checkpoint.step == telemetry.step:
        halvings = checkpoint.early_stopping.halvings
        telemetry.keyframes.add(Keyframe(checkpoint.step, checkpoint.flat.copy(), halvings, record.training_counts))
