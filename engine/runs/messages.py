"""The messages between the server and a worker: commands to the worker, reports from it.

A worker applies commands between two mini-batches and in the order in which they were sent. Each
command has a verb and a value:

    verb         value                           effect
    start        `RunSetup`                      start or resume a run; always the first command
    resume       -                               train on
    step         -                               do one update, then pause
    step_epoch   -                               train to the end of the epoch, then pause
    pause        -                               pause
    stop         -                               end the run
    change       new values by config field      change the config from the next update on
    pace         updates per second, or None     limit the speed; None is full speed
    watch        names of extracts, or None      make these extracts; None if nobody watches
    threads      a number of cores               multiply matrices on at most this many cores

The first seven are orders: they change the state or the config of the run. The server numbers them,
and each report carries the number of the last one applied, so the server can recognize a report
that was sent before an order arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.learning.checkpoint import Change
from engine.learning.snapshot import Snapshot
from engine.runs.extracts.keyframe import Keyframe


class Verb(StrEnum):
    """The verb of a command; see the table above."""

    START = "start"
    RESUME = "resume"
    STEP = "step"
    STEP_EPOCH = "step_epoch"
    PAUSE = "pause"
    STOP = "stop"
    CHANGE = "change"
    PACE = "pace"
    WATCH = "watch"
    THREADS = "threads"


ORDERS = frozenset({Verb.START, Verb.RESUME, Verb.STEP, Verb.STEP_EPOCH, Verb.PAUSE, Verb.STOP, Verb.CHANGE})


@dataclass(frozen=True)
class Command:
    """A message to a worker.

    Attributes:
        verb, value: see the table above.
        number: the number of orders so far, with this one.
    """

    verb: Verb
    value: Any = None
    number: int = 0


@dataclass(frozen=True)
class RunSetup:
    """The arguments of the start or resumption of a run.

    Attributes:
        config: the initial config as a dict, see `RunConfig.to_dict`.
        pace: updates per second, None for full speed.
        watched: the names of the watched extracts; None if nobody watches.
        order: the first order after the start: resume, step or step_epoch.
        cores: the most cores that the worker may use.
        about: the arguments of the stored `About`, config and pace left out.
        store: the file to save the run in; None to save nothing.
        record: the packed record of a run to resume, see `engine.runs.store.packing.pack`; None starts a new run.
        fields: new values by config field, changed before the first update of a resumed run.
    """

    config: dict[str, Any]
    pace: float | None = None
    watched: tuple[str, ...] | None = None
    order: Verb = Verb.RESUME
    cores: int = 1
    about: dict[str, Any] | None = None
    store: Path | None = None
    record: dict[str, Any] | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """A message from a worker with the news of its run since the last report. All arrays are copies.

    Attributes:
        state: one of `engine.runs.states`.
        step: updates done.
        steps_per_second: of the recent past; 0 unless it is running.
        orders_applied: how many orders the worker has applied.
        steps_per_epoch: of this run; 0 if it could not be started.
        snapshots: measurements since the last report.
        measured: other measurements since the last report, each (epoch, values by name).
        first_cost, costs: the mini-batch costs since the last report; `costs[0]` is that of update `first_cost`.
        extracts: the extracts that were due, by name; see `engine.runs.extracts`.
        keyframes: since the last report.
        changes: applied since the last report. refused: why a change was refused, else None.
        reason: why the run diverged, failed or stopped early, else None.
        seconds: spent in updates and measurements so far.
        unsaved: why the run cannot be saved at the moment, else None.
        taken_at: when the report was made, seconds since 1970.
    """

    state: str
    step: int
    steps_per_second: float
    orders_applied: int = 0
    steps_per_epoch: int = 0
    snapshots: tuple[Snapshot, ...] = ()
    measured: tuple[tuple[float, Mapping[str, float]], ...] = ()
    first_cost: int = 0
    costs: Array = field(default_factory=lambda: np.empty(0))
    extracts: Mapping[str, Any] = field(default_factory=dict)
    keyframes: tuple[Keyframe, ...] = ()
    changes: tuple[Change, ...] = ()
    refused: str | None = None
    reason: str | None = None
    seconds: float = 0.0
    unsaved: str | None = None
    taken_at: float = 0.0
