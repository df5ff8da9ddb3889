"""Imports of modules that may move, and attributes that may be renamed.

If a module moves or an attribute is renamed, change this file only. The recorded files and the
keys of the returned dictionaries stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

# One line for each module that may move.
from dashboard.state.settings.links import link_parameters, parse_link
from engine import Checkpoint, FieldError, Measurement, Parameters, RunConfig, Snapshot, Training
from engine.runs.export.program import program_text
from engine.runs.export.weights import load_weights
from engine.runs.server.forking import fork_record
from engine.runs.store.json_file import from_json, import_record
from engine.runs.store.record import About, Record
from engine.runs.store.store import Store
from engine.runs.worker.headless import HeadlessRun

__all__ = [
    "Record",
    "Store",
    "about_values",
    "best_parameters",
    "changes_of",
    "checkpoint_of",
    "evaluation_of",
    "fork_at",
    "from_json",
    "import_record",
    "keyframes_of",
    "lines_of",
    "link_parameters",
    "load_weights",
    "parameters_of",
    "penalties_of",
    "program_text",
    "read_link",
    "resume_headless",
    "snapshots_of",
    "trained_counts",
]


# Training and measuring


def evaluation_of(snapshot: Snapshot) -> Measurement:
    """The measurement on the validation or test set."""
    return snapshot.evaluation


def penalties_of(snapshot: Snapshot) -> tuple[float, float]:
    """The penalty for the training set, and the same divided by the size of the evaluation set."""
    return snapshot.penalty, snapshot.evaluation_penalty


def parameters_of(checkpoint: Checkpoint) -> np.ndarray:
    """The parameters of a checkpoint as one vector."""
    return checkpoint.flat


def best_parameters(training: Training) -> Parameters:
    """The parameters of the best epoch where early stopping is on, else the current ones."""
    return training.best_parameters


# Links


def read_link(query: Mapping[str, str | Sequence[str]]) -> tuple[RunConfig, float | None, Mapping[str, FieldError]]:
    """The config and the pace of a link, and the refused parameters with their errors."""
    link = parse_link(query)
    return link.config, link.pace, link.refused


# The store


def about_values(about: About) -> dict[str, Any]:
    """The row of a run in the list of runs, as plain values."""
    return {
        "id": about.id,
        "config": about.initial_config.to_dict(),  # the config the run started with
        "state": about.state,
        "reason": about.reason,
        "pace": about.pace,
        "step": about.step,
        "steps_per_epoch": about.steps_per_epoch,
        "seconds": about.seconds,
        "figures": dict(about.metrics),  # the newest and the best metrics, by name
        "created": about.created,
        "updated": about.updated,
        "origin": about.origin,
        "name": about.name,
        "note": about.note,
        "tags": list(about.tags),
        "party": about.group,  # runs that were started together have the same
        "parent": about.parent,
        "forked_at": about.forked_at,
        "deleted": about.deleted,
    }


def snapshots_of(record: Record) -> list[Snapshot]:
    """The measurements of a run, the first one first."""
    return record.telemetry.snapshots


def changes_of(record: Record) -> list[dict[str, Any]]:
    """The live changes of a run, in order."""
    return [{"step": change.step, "fields": dict(change.fields)} for change in record.telemetry.changes]


def keyframes_of(record: Record) -> list[tuple[int, np.ndarray]]:
    """The step and the parameters of every keyframe."""
    return [(keyframe.step, keyframe.flat) for keyframe in record.telemetry.keyframes]


def lines_of(record: Record) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The x and y of every line of a run, by the line's name in the store."""
    telemetry = record.telemetry
    lines = {f"epochs/{name}": series.line() for name, series in telemetry.epochs.items()}
    lines |= {f"over_time/{name}": series.line() for name, series in telemetry.over_time.items()}
    return {**lines, "mini_batch_cost": telemetry.mini_batch_cost.line()}


def checkpoint_of(record: Record) -> Checkpoint | None:
    """The checkpoint that a run can be resumed from."""
    return record.checkpoint


def trained_counts(record: Record) -> Sequence[np.ndarray]:
    """The number of mini-batches that each neuron was trained on, one array per hidden layer."""
    return record.training_counts


def resume_headless(path: Path, record: Record) -> None:
    """Resume a run of the store at `path` without a page, and train it to its end."""
    for _ in HeadlessRun(record.about.initial_config, path, record).train():
        pass


def fork_at(record: Record, step: int) -> Checkpoint:
    """The checkpoint of a fork that starts at the keyframe of `step`, without a change."""
    keyframe = record.telemetry.keyframes.latest_at_or_before(step)
    assert keyframe is not None
    assert keyframe.step == step
    checkpoint = fork_record(record.about, record.telemetry, keyframe, "f" * 16).checkpoint
    assert checkpoint is not None
    return checkpoint
