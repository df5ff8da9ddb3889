"""A run in the server: its state, its telemetry, its worker and its viewers."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.config import RunConfig
from engine.errors import FieldError
from engine.learning.checkpoint import check_changeable, config_at
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import ORDERS, Command, Report, RunSetup, Verb
from engine.runs.resources.estimate import Needs
from engine.runs.server.processes.process import Process
from engine.runs.store.packing import pack
from engine.runs.store.record import About, Record, add_newest_keyframe, metrics_of, new_id
from engine.runs.timestamps import next_timestamp


class Run:
    """A run in the server.

    The manager holds its lock while it calls the methods. `telemetry` has a separate lock.

    Args:
        config: the initial config. pace: updates per second, None for full speed.
        clock: returns the time in seconds, from any origin. name, group, state, reason: see the attributes.

    Attributes:
        id: the id, which links contain. token: a secret that gives access to the live board.
        initial_config: the config it started with. current_config: the config in force, with live changes.
        state: one of `engine.runs.states`. reason: why it ended, if known.
        state_since: when it entered its state, by the clock. state_changes: how often its state has changed.
        telemetry: its series, snapshots and extracts; read and written under `lock`.
        name: the name that the user gave. default_name: what it is called without; see `engine.runs.names`.
        group: equal for runs that were started together, else "".
        parent, forked_at: the id of the parent of a fork and the step where the fork starts; else "" and None.
        created: seconds since 1970. origin: where it was started; see `engine.runs.store.record`.
        process: the worker; None for a run from the store. started: whether the start command was sent.
        stopping: whether a stop was requested and not yet confirmed by the worker.
        queued_order: the order to send when the run leaves the queue. last_order: the last order to train.
        orders_sent: the number of orders so far. orders_answered: the number of those that the worker has applied.
        resume_from: the packed record that the next worker resumes; None to start from the first update.
        first_changes: new values by field, which the next worker applies before its first update.
        pending_changes: (order number, new values) for each change that the worker has not reported yet.
        has_dropped_keyframes: whether only the last keyframe is in memory.
        replaced_at: the step from which it continued when its silent worker was replaced; None if never.
        watchers: the number of viewers. watched_extracts: the extracts they see; None if there is no viewer.
        unwatched_since: the time when the last viewer left, by the clock; None while there is a viewer.
        cores: the maximum number of cores for its matrix products.
        needs: what it needs of memory and disk, by an estimate; None if unknown.
        ghost: the run that trains beside it for comparison and follows its orders; None if there is none.
        is_ghost: whether it is the ghost of another run. A ghost is never saved, because it can be trained again.
        on_transition: called with the run after each change of its state, before its listeners.
    """

    def __init__(
        self,
        config: RunConfig,
        pace: float | None,
        clock: Callable[[], float] = time.monotonic,
        name: str = "",
        group: str = "",
        state: str = states.QUEUED,
        reason: str | None = None,
    ) -> None:
        self.id = new_id()
        self.token = secrets.token_urlsafe(24)
        self.initial_config = self.current_config = config
        self.name, self.default_name, self.group, self.parent = name, "", group, ""
        self.forked_at: int | None = None
        self.created, self.origin = next_timestamp(), "page"
        self.pace = pace
        self.state, self.reason = state, reason
        self.telemetry = Telemetry(pace=pace)
        self.lock = threading.Lock()
        self.process: Process | None = None
        self.started = self.stopping = False
        self.queued_order: Verb | None = None
        self.last_order: Verb | None = None
        self.orders_sent = self.orders_answered = 0
        self.resume_from: dict[str, Any] | None = None
        self.first_changes: dict[str, Any] = {}
        self.pending_changes: list[tuple[int, Mapping[str, Any]]] = []
        self.has_dropped_keyframes = False
        self.replaced_at: int | None = None
        self.watchers = 0
        self.watched_extracts: tuple[str, ...] | None = None
        self.cores = 1
        self.needs: Needs | None = None
        self.ghost: Run | None = None
        self.is_ghost = False
        self.on_transition: Callable[[Run], None] = lambda run: None
        self._clock = clock
        self.state_since, self.state_changes = clock(), 0
        self.unwatched_since: float | None = self.state_since
        self._stop_reason: str | None = None
        self._store_path: Path | None = None
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    def from_record(cls, record: Record, clock: Callable[[], float] = time.monotonic) -> Run:
        """Return a stored run in its last state, without a worker."""
        about = record.about
        run = cls(about.initial_config, about.pace, clock, about.name, about.group, about.observed_state, about.reason)
        run.id, run.created, run.origin = about.id, about.created, about.origin
        run.default_name, run.parent, run.forked_at = about.default_name, about.parent, about.forked_at
        add_newest_keyframe(record)
        run.telemetry = record.telemetry
        run.telemetry.pace = run.pace
        run.current_config = config_at(run.initial_config, run.telemetry.changes, run.telemetry.step + 1)
        return run

    # State. Only `set_state` changes it.

    @property
    def is_over(self) -> bool:
        """Whether the run has ended or is being stopped, so that it ignores orders."""
        return self.state in states.FINAL or self.stopping

    def set_state(self, state: str, reason: str | None = None) -> None:
        """Change the state.

        Args:
            state: the new state. reason: why the run ended, if known.

        Raises:
            ForbiddenTransition: when the state cannot follow the present one; see `states.NEXT_STATES`.
        """
        states.check_transition(self.state, state)
        self.reason = reason  # set before the state, so that a thread that sees a final state also sees its reason
        self.state = state
        self.state_since = self._clock()
        # without `lock`, which a board holds while it is encoded: the manager holds its own lock here
        if state != states.RUNNING:
            self.telemetry.steps_per_second = 0.0
        self.state_changes += 1  # last, so that a board that sees the new number also sees the new state
        self.on_transition(self)
        self.call_listeners()

    def mark_as_recent(self, now: float) -> None:
        """Set `state_since` to `now`, so that the run counts as the most recently ended one."""
        self.state_since = now

    def rename(self, name: str) -> None:
        """Set the name of the run."""
        self.name = name

    def assign_worker(self, process: Process, store: Path | None) -> None:
        """Assign a worker process. `store` is the file that the worker writes."""
        self.process, self._store_path = process, store

    def enqueue(self, order: Verb) -> None:
        """Queue the run until it may train; pause it if it is training."""
        states.check_transition(self.state, states.QUEUED)
        if self.state == states.RUNNING:
            self.send(Verb.PAUSE)
        self.queued_order = order
        self.set_state(states.QUEUED)

    def start_training(self, order: Verb) -> None:
        """Start training with an order: `resume` or `step_epoch`."""
        states.check_transition(self.state, states.RUNNING)
        self.queued_order, self.last_order = None, order
        self.set_state(states.RUNNING)  # before the order, because the start command contains the number of cores
        self._send_order(order)

    def step(self) -> None:
        """Do one update, then pause."""
        if self.state != states.PAUSED:
            states.check_transition(self.state, states.PAUSED)
        self._send_order(Verb.STEP)
        if self.state == states.QUEUED:
            self.set_state(states.PAUSED)

    def pause(self) -> None:
        """Pause the run. A queued run is paused without its worker."""
        if self.state == states.QUEUED and not self.stopping:
            self.set_state(states.PAUSED)
        self.send(Verb.PAUSE)

    def request_stop(self, reason: str | None = None) -> None:
        """Order the worker to stop.

        The state changes when the worker reports it, or immediately if the run was never started.
        """
        if self.is_over:
            return
        self.stopping, self._stop_reason = True, reason
        if self.process is not None:
            self.process.unanswered_checks = 0  # counts for this order only
        if self.started:
            self.send(Verb.STOP)
            return
        self.set_state(states.STOPPED, reason)
        if self.process is not None:
            self.process.close_input()

    def apply_report(self, report: Report) -> bool:
        """Update the config and the state from a report that is already in `telemetry`.

        A report sent before the newest order changes the state only if the reported state is final.

        Returns:
            True if the state changed.
        """
        if report.orders_applied > self.orders_answered and self.process is not None:
            self.process.unanswered_checks = 0  # it answers, if late
        self.orders_answered = report.orders_applied
        self._update_config(report)
        is_current = report.orders_applied == self.orders_sent and self.state != states.QUEUED
        is_final = report.state in states.FINAL
        if report.state == self.state or self.state in states.FINAL or not (is_current or is_final):
            self.call_listeners()
            return False
        self.set_state(report.state, self._stop_reason if report.state == states.STOPPED else report.reason)
        return True

    def handle_process_end(self, cause: str, saved: bool) -> None:
        """Enter a final state if the worker's process ended before the run: "stopped" only if that was ordered.

        Args:
            cause: why the process ended. saved: whether the run can be resumed from the store.
        """
        if self.stopping and self.state not in states.FINAL:
            self.set_state(states.STOPPED, self._stop_reason)
        elif self.state not in states.FINAL:
            self.set_state(states.INTERRUPTED if saved else states.FAILED, cause)

    def prepare_resume(self, record: Record, changes: Mapping[str, Any]) -> None:
        """Prepare the run for a new worker that resumes a record.

        Args:
            record: the record to resume. changes: new values by field, applied before the first update.

        Raises:
            ForbiddenTransition: when the run cannot be resumed. FieldError: for changes that are not possible. Nothing
                is changed then.
        """
        states.check_transition(self.state, states.QUEUED)
        check_changeable(changes)
        stored_config = config_at(self.initial_config, record.telemetry.changes, record.telemetry.step + 1)
        current_config = replace(stored_config, **changes)
        packed = pack(record)
        with self.lock:
            previous, self.telemetry = self.telemetry, record.telemetry
            self.telemetry.replace(previous)
        self.resume_from, self.first_changes = packed, dict(changes)
        self.current_config = current_config
        self.process, self.started, self.stopping, self._stop_reason = None, False, False, None
        self.has_dropped_keyframes = False
        self.queued_order = self.last_order = None
        self.pending_changes = []
        self.set_state(states.QUEUED)

    # Worker.

    def send(self, verb: Verb, value: object = None) -> None:
        """Send a command to the worker if it was started. Orders are always counted."""
        if verb in ORDERS:
            self.orders_sent += 1
        if self.process is not None and self.started:  # the first command of a worker must be its start
            self.process.send(Command(verb, value, self.orders_sent))

    def set_pace(self, pace: float | None) -> None:
        """Limit the updates per second; None for full speed. The viewers see a change into slow motion at once."""
        self.pace = pace
        with self.lock:
            self.telemetry.set_pace(pace)
        self.send(Verb.PACE, pace)
        self.call_listeners()

    def change(self, fields: Mapping[str, Any]) -> None:
        """Change the config from the next update on.

        Raises `FieldError` for fields that need a restart and for invalid values, without changing anything.
        """
        check_changeable(fields)
        if self.is_over:
            return
        self.current_config = replace(self.current_config, **fields)
        if self.started:
            self.send(Verb.CHANGE, fields)
            self.pending_changes.append((self.orders_sent, fields))
        elif self.resume_from is not None:
            self.first_changes |= fields
        else:
            self.initial_config = self.current_config  # no update has used the previous config

    def watch(self, watchers: int, extracts: Iterable[str]) -> None:
        """Set the number of viewers and the extracts that they see."""
        watched_names = set(extracts)
        previous, self.watchers = self.watched_extracts, watchers
        self.watched_extracts = tuple(name for name in EXTRACTS if name in watched_names) if watchers else None
        if (previous is None) != (self.watched_extracts is None):
            self.unwatched_since = None if watchers else self._clock()
        if previous != self.watched_extracts:
            self.send(Verb.WATCH, self.watched_extracts)

    def share_cores(self, cores: int) -> None:
        """Set the maximum number of cores for the worker's matrix products."""
        if cores != self.cores:
            self.cores = cores
            self.send(Verb.THREADS, cores)

    def _send_order(self, order: Verb) -> None:
        """Send an order to the worker; the first order is part of the start command."""
        if self.started:
            self.send(order)
            return
        self.started = True
        self.send(Verb.START, self._run_setup(order))
        self.resume_from = None  # frees memory: the record has a copy of every keyframe

    def _run_setup(self, order: Verb) -> RunSetup:
        return RunSetup(
            self.initial_config.to_dict(),
            self.pace,
            self.watched_extracts,
            order,
            self.cores,
            self.about_fields(),
            self._store_path,
            self.resume_from,
            self.first_changes,
        )

    def _update_config(self, report: Report) -> None:
        """Compute `current_config` from the applied and the pending changes."""
        has_ended = report.state in states.FINAL  # an ended worker applies no changes
        self.pending_changes = (
            [] if has_ended else [each for each in self.pending_changes if each[0] > report.orders_applied]
        )
        if report.changes or report.refusal_reason or has_ended:
            self.current_config = config_at(self.initial_config, self.telemetry.changes, report.step + 1)
            for _, fields in self.pending_changes:
                with suppress(FieldError):  # invalid after a refused change; the worker refuses it, too
                    self.current_config = replace(self.current_config, **fields)

    # Row in the list of runs, and listeners.

    def summary(self) -> About:
        """Return the current row in the list of runs, without the stored note and tags."""
        telemetry = self.telemetry
        return About(
            **self.about_fields(),
            initial_config=self.initial_config,
            pace=self.pace,
            state=self.state,
            reason=self.reason,
            step=telemetry.step,
            steps_per_epoch=telemetry.steps_per_epoch,
            seconds=telemetry.seconds,
            metrics=metrics_of(telemetry),
            updated=telemetry.reported_at,
        )

    def summary_with_notes(self, stored: About) -> About:
        """Return `summary` with the stored name, note, tags and time of deletion."""
        return replace(self.summary(), name=stored.name, note=stored.note, tags=stored.tags, deleted=stored.deleted)

    def about_fields(self) -> dict[str, Any]:
        """Return the fields of the row that training does not change, without the initial config."""
        return {
            "id": self.id,
            "created": self.created,
            "origin": self.origin,
            "name": self.name,
            "default_name": self.default_name,
            "group": self.group,
            "parent": self.parent,
            "forked_at": self.forked_at,
        }

    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Add a function to call on every change, from any thread; return a function that removes it."""
        self._listeners = [*self._listeners, listener]

        def remove_listener() -> None:
            self._listeners = [each for each in self._listeners if each is not listener]

        return remove_listener

    def call_listeners(self) -> None:
        """Call the listeners."""
        for listener in self._listeners:
            listener()
