"""Forks of a run. A fork has the history of its parent up to a keyframe, then trains independently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.config import RunConfig
from engine.data.checks import check_against_data
from engine.errors import FieldError
from engine.learning.checkpoint import Checkpoint, check_changeable, config_at
from engine.learning.early_stopping import EarlyStopping
from engine.runs import states
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.past_telemetry import copy_at
from engine.runs.history.telemetry import Telemetry
from engine.runs.server.run import Run
from engine.runs.store.record import About, Event, Record, metrics_of, new_id
from engine.runs.timestamps import next_timestamp

MAX_FORKS = 4  # per request; more lines could not be distinguished in one chart


def fork_records(run: Run, step: int, futures: Sequence[Mapping[str, Any]], epochs: int | None = None) -> list[Record]:
    """Return the records that the forks of a run resume from, one for each future.

    Args:
        run: the parent; it may be training.
        step: the forks start at the newest keyframe that is not later than this step.
        futures: the new values by field for each fork. epochs: see `fork_record`.

    Raises:
        FieldError: if there are too many futures, a future is invalid, or there is no keyframe.
    """
    if not 1 <= len(futures) <= MAX_FORKS:
        raise FieldError("futures", f"must be 1 to {MAX_FORKS}, got {len(futures)}: start fewer at a time")
    with run.lock:
        telemetry = run.telemetry
        keyframe = telemetry.keyframes.latest_at_or_before(step)
        if keyframe is None:
            raise FieldError("step", f"must have a keyframe before it, got {step}: wait until the run has started")
        parent = About(initial_config=run.initial_config, pace=run.pace, **run.about_fields())
        for fields in futures:
            _check_future(run.initial_config, telemetry, keyframe.step, fields)
        copied = copy_at(run.initial_config, telemetry, keyframe.step)
    # without the lock, because boards wait for it: every fork gets a copy of the weights
    return [fork_record(parent, copied, keyframe, new_id(), epochs) for _ in futures]


def fork_record(
    parent: About, telemetry: Telemetry, keyframe: Keyframe, run_id: str, epochs: int | None = None
) -> Record:
    """Return the record that a fork resumes from: the parent's config, and its history up to a keyframe.

    Early stopping restarts, because keyframes do not contain its state. The halvings of the learning rate are kept.

    Args:
        parent, telemetry: the parent run. keyframe: one of its keyframes. run_id: the id of the fork.
        epochs: the epochs of the fork, counted from the first update of the parent; by default those of the parent.

    Raises:
        FieldError: if the keyframe is at or after the end of the fork.
    """
    config = parent.initial_config if epochs is None else replace(parent.initial_config, epochs=epochs)
    end = config.epochs * telemetry.steps_per_epoch
    if keyframe.step >= end:
        raise FieldError(
            "epochs",
            f"must end after update {keyframe.step}, where the fork starts, got {config.epochs} "
            f"({end} updates): choose an earlier step or more epochs",
        )
    past_telemetry = copy_at(config, telemetry, keyframe.step)
    changes = tuple(past_telemetry.changes)
    checkpoint = Checkpoint(
        config,
        changes,
        keyframe.step,
        keyframe.weights(config.dtype).copy(),
        EarlyStopping(halvings=keyframe.halvings),
    )
    now = next_timestamp()
    about = About(
        id=run_id,
        initial_config=config,
        state=states.INTERRUPTED,  # it has no worker yet
        pace=parent.pace,
        step=keyframe.step,
        steps_per_epoch=telemetry.steps_per_epoch,
        metrics=metrics_of(past_telemetry),
        created=now,
        updated=now,
        parent=parent.id,
        forked_at=keyframe.step,
        group=parent.group or parent.id,
    )
    events = tuple(Event(change.step, now, "change", dict(change.fields)) for change in changes)
    return Record(about, past_telemetry, checkpoint, keyframe.training_counts, events)


def _check_future(initial_config: RunConfig, telemetry: Telemetry, step: int, fields: Mapping[str, Any]) -> None:
    """Raise `FieldError` for a field that cannot change while a run trains, or an invalid value."""
    check_changeable(fields)
    config = replace(config_at(initial_config, telemetry.changes, step + 1), **fields)
    max_examples = config.train_size or telemetry.steps_per_epoch * config.mini_batch_size  # n or a little above it
    if max_examples:  # the worker checks it against the exact n, which this process may not know
        check_against_data(config, max_examples)
