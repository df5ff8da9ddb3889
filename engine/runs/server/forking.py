"""Going on from a moment of a run's past: a fork has its parent's history up to there, and a future of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.config import RunConfig
from engine.errors import FieldError
from engine.learning.checkpoint import Checkpoint, check_changeable, config_at
from engine.learning.early_stopping import EarlyStopping
from engine.runs import states
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.looking_back import telemetry_at
from engine.runs.history.telemetry import Telemetry
from engine.runs.store.record import About, Event, Record, figures_of

FUTURES = 4  # of one moment at once: as many lines as can be told apart beside the parent's


def branch(parent: About, telemetry: Telemetry, keyframe: Keyframe, run_id: str, epochs: int | None = None) -> Record:
    """What a fork begins with: the parent's config, and all that was known of it at a keyframe.

    Early stopping begins anew: what it remembered then is not kept. The learning rate stays halved.

    Args:
        parent, telemetry: the run. keyframe: one of its own.
        run_id: the fork's. epochs: of the fork, counted from the parent's beginning; the parent's when left out.

    Raises:
        FieldError: when the keyframe lies at or beyond the end of the fork.
    """
    config = parent.initial_config if epochs is None else replace(parent.initial_config, epochs=epochs)
    end = config.epochs * telemetry.steps_per_epoch
    if keyframe.step >= end:
        raise FieldError(
            "epochs",
            f"must reach beyond update {keyframe.step}, where the fork begins, got {config.epochs} "
            f"({end} updates): go further back, or take more epochs",
        )
    past = telemetry_at(config, telemetry, keyframe.step)
    past.past, past.views, past.keyframe = False, {}, None
    for each in telemetry.keyframes:
        if each.step <= keyframe.step:
            past.keyframes.add(each)
    changes = tuple(past.changes)
    checkpoint = Checkpoint(
        config, changes, keyframe.step, keyframe.flat.copy(), EarlyStopping(halvings=keyframe.halvings)
    )
    now = time.time()
    about = About(
        id=run_id,
        initial_config=config,
        state=states.PAUSED,
        pace=parent.pace,
        step=keyframe.step,
        steps_per_epoch=telemetry.steps_per_epoch,
        figures=figures_of(past),
        created=now,
        updated=now,
        parent=parent.id,
        forked_at=keyframe.step,
        party=parent.party or parent.id,
    )
    events = tuple(Event(change.step, now, "change", dict(change.fields)) for change in changes)
    return Record(about, past, checkpoint, keyframe.trained, events)


def check_future(initial_config: RunConfig, telemetry: Telemetry, step: int, fields: Mapping[str, Any]) -> None:
    """Refuse a future that a fork cannot have: it goes on with weights and data that are there.

    Raises:
        FieldError: for a field that takes a run of its own, or a value that cannot be used.
    """
    check_changeable(fields)
    replace(config_at(initial_config, telemetry.changes, step + 1), **fields)
