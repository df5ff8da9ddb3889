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
    watch        names of extracts, or None      make these extracts; None if there is no viewer
    threads      a number of cores               use at most this many cores for matrix products

The first seven are orders: they change the state or the config of the run. The server numbers them,
and each report contains the number of the last applied order. So the server can recognize a report
that was sent before an order arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

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
        number: the number of orders so far, including this command if it is an order.
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
        watched_extracts: the names of the extracts to make; None if there is no viewer.
        first_order: the first order after the start: resume, step or step_epoch.
        cores: the maximum number of cores that the worker may use.
        about_fields: the arguments of the stored `About`, without config and pace.
        store_path: the file to save the run in; None to save nothing.
        packed_record: the packed record of a run to resume, see `engine.runs.store.packing.pack`; None starts a new
            run.
        first_changes: new values by config field, applied before the first update of a resumed run.
    """

    config: dict[str, Any]
    pace: float | None = None
    watched_extracts: tuple[str, ...] | None = None
    first_order: Verb = Verb.RESUME
    cores: int = 1
    about_fields: dict[str, Any] | None = None
    store_path: Path | None = None
    packed_record: dict[str, Any] | None = None
    first_changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """A message from a worker with everything new since its last report. All arrays are copies.

    Attributes:
        state: one of `engine.runs.states`.
        step: updates done.
        steps_per_second: the recent speed; 0 unless the run is running.
        orders_applied: the number of orders that the worker has applied.
        steps_per_epoch: updates in an epoch; 0 if the run could not be started.
        snapshots: measurements since the last report.
        other_measurements: other measurements since the last report, each (epoch, values by name).
        first_cost_step, costs: the mini-batch costs since the last report; `costs[0]` is the cost of update
            `first_cost_step`.
        extracts: the new extracts by name; see `engine.runs.extracts`.
        keyframes: the keyframes since the last report.
        changes: the changes applied since the last report. refusal_reason: why a change was refused, else None.
        reason: why the run diverged, failed or stopped early, else None.
        seconds: total time of updates and measurements.
        save_error: why the run cannot be saved at the moment, else None.
        reported_at: the time of the report, seconds since 1970.
    """

    state: str
    step: int
    steps_per_second: float
    orders_applied: int = 0
    steps_per_epoch: int = 0
    snapshots: tuple[Snapshot, ...] = ()
    other_measurements: tuple[tuple[float, Mapping[str, float]], ...] = ()
    first_cost_step: int = 0
    costs: Array = field(default_factory=lambda: np.empty(0))
    extracts: Mapping[str, Any] = field(default_factory=dict)
    keyframes: tuple[Keyframe, ...] = ()
    changes: tuple[Change, ...] = ()
    refusal_reason: str | None = None
    reason: str | None = None
    seconds: float = 0.0
    save_error: str | None = None
    reported_at: float = 0.0


@dataclass(frozen=True)
class Heartbeat:
    """A sign of life of a worker: sent when it is ready, and every `INTERVAL` seconds, also during a long update."""

    INTERVAL: ClassVar[float] = 1.0
