"""Write a run to the store while it trains.

There are at most two writes per second. Each write is one transaction.

If the store cannot be written, training continues, the page shows the reason, and the journal retries later.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy import ndarray as Array

from engine.data.files.disk import disk_problem
from engine.errors import format_duration
from engine.learning.checkpoint import Checkpoint
from engine.runs import states
from engine.runs.history.keyframes import MAX_STORED_BYTES, Keyframes
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report
from engine.runs.store import rows, training_lock
from engine.runs.store.columns import to_bytes
from engine.runs.store.database import StoreError, connect_for_writing, convert_store_errors
from engine.runs.store.identity import Identity, identity_of
from engine.runs.store.packing import pack_series
from engine.runs.store.record import About, Event, Record, metrics_of
from engine.runs.store.schema import transaction

WRITE_INTERVAL = 0.5  # seconds between two writes; if the process ends unexpectedly, at most about 0.75 s are lost
MAX_WRITE_INTERVAL = 0.8  # seconds between two writes if a write is slow, for example with millions of weights
MIN_PAUSE_FACTOR = 20  # minimum pause after a write, in multiples of its duration, limited to MAX_WRITE_INTERVAL
RETRY_INTERVAL = 5.0  # seconds until the next try if the file cannot be written
FINAL_TRIES = 4  # of the last write of a run that has ended: its process waits up to 15 seconds for the file


class TrainedElsewhere(Exception):
    """Raised if another process is training the run."""


class Journal:
    """Writes one run into the store.

    Args:
        path: path of the store. about: the run's row in the list of runs. record: the stored run, when resuming.
        clock: returns the time in seconds, from any origin.

    Raises:
        TrainedElsewhere: if another process trains the run.

    Attributes:
        save_error: why the run cannot be saved, or None.
        has_unwritten: whether there is anything new to write.
        stored: whether the file has a checkpoint of the run.
        telemetry: the telemetry of the run.
    """

    def __init__(
        self, path: Path, about: About, record: Record | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.save_error: str | None = None
        self.has_unwritten = self.stored = False
        self.telemetry = record.telemetry if record else Telemetry()
        keyframes, self.telemetry.keyframes = self.telemetry.keyframes, Keyframes(MAX_STORED_BYTES)
        for keyframe in keyframes:
            self.telemetry.keyframes.add(keyframe)
        self._path, self._about, self._clock = path, about, clock
        self._events = list(record.events) if record else []
        self._written_event_count = 0
        self._written_series: dict[str, bytes] = {}  # the series as last written to the file
        self._written_keyframe_steps: set[int] = set()
        self._written_best_flat: Array | None = None
        self._connection: sqlite3.Connection | None = None
        self._file: Identity | None = None  # that the connection writes
        self._lock_stack = ExitStack()
        self._has_lock = False
        self._written_at, self._write_seconds, self._retry_at = -1e9, 0.0, -1e9
        self._with_store_errors(self._acquire_lock)

    def add_report(self, report: Report) -> None:
        """Add a report; it is written with the next `write`."""
        last_state = next((each.body for each in reversed(self._events) if each.kind == "state"), None)
        self._events += [
            Event(change.step, report.reported_at, "change", dict(change.fields)) for change in report.changes
        ]
        if report.state != last_state:
            self._events.append(Event(report.step, report.reported_at, "state", report.state))
        self.telemetry.add_report(report)
        self.has_unwritten = True
        self._about = replace(
            self._about,
            state=report.state,
            reason=report.reason,
            step=report.step,
            steps_per_epoch=report.steps_per_epoch or self._about.steps_per_epoch,
            seconds=report.seconds,
            updated=report.reported_at,
        )

    def seconds_until_due(self) -> float:
        """Return the seconds until the next write is due; 0 if it is due now."""
        pause = min(MAX_WRITE_INTERVAL, max(WRITE_INTERVAL, MIN_PAUSE_FACTOR * self._write_seconds))
        return max(0.0, max(self._written_at + pause, self._retry_at) - self._clock())

    def write(self, checkpoint: Checkpoint, trained: tuple[Array, ...], pace: float | None) -> None:
        """Write the checkpoint, and everything else that is new.

        Args:
            checkpoint: the run's checkpoint. trained: the counts in `Record.training_counts`. pace: the run's pace.
        """
        self._about = replace(self._about, pace=pace, metrics=metrics_of(self.telemetry))
        start = self._clock()
        self._with_store_errors(lambda: self._write(checkpoint, trained))
        self.has_unwritten = self.save_error is not None
        self._written_at = self._clock()
        self._write_seconds = self._written_at - start

    def close(self) -> None:
        """Close the file and release the lock; remove the lock file of an ended run."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        if self._has_lock and self._about.state in states.FINAL:
            training_lock.remove_lock(self._path, self._about.id)
        self._lock_stack.close()

    def _with_store_errors(self, action: Callable[[], Any]) -> None:
        try:
            with convert_store_errors(self._path):
                action()
            self.save_error = None
        except StoreError as error:
            self.save_error = str(error)
            self._retry_at = self._clock() + RETRY_INTERVAL
            self._close_for_retry()

    def _acquire_lock(self) -> None:
        if not self._has_lock:
            if not self._lock_stack.enter_context(training_lock.hold_lock(self._path, self._about.id)):
                raise TrainedElsewhere
            self._has_lock = True

    def _close_for_retry(self) -> None:
        """Close the file; the next write stores everything again.

        The file may have been replaced in the meantime.
        """
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None
        self._written_series, self._written_keyframe_steps = {}, set()
        self._written_best_flat, self._written_event_count = None, 0

    def _leave_moved_file(self) -> None:
        """Release the lock beside a store that was moved or deleted, and raise.

        SQLite would write on into the file where it is now, or into one that has no name any more. The next write makes
        a new file.
        """
        self._lock_stack.close()
        self._has_lock = False
        raise StoreError(
            self._path,
            f"was moved or deleted while this run was saved in it: in {format_duration(RETRY_INTERVAL)} the whole run "
            "is saved in a new file there",
        )

    def _write(self, checkpoint: Checkpoint, trained: tuple[Array, ...]) -> None:
        if self._connection is not None and identity_of(self._path) != self._file:
            self._leave_moved_file()
        if not self.stored and (problem := disk_problem(self._path.parent)):
            raise StoreError(self._path, f"is not written: {problem}, then the whole run is saved")
        self._acquire_lock()
        run_id = self._about.id
        if self._connection is None:
            self._connection = connect_for_writing(self._path)
            self._file = identity_of(self._path)
            # it may have been deleted while it was queued: a run that trains must not be removed a day later
            self._connection.execute("UPDATE runs SET deleted = NULL WHERE id = ?", (run_id,))
            steps = self._connection.execute("SELECT step FROM keyframes WHERE run = ?", (run_id,))
            self._written_keyframe_steps = {step for (step,) in steps}
        connection, telemetry = self._connection, self.telemetry
        arrays = {name: to_bytes(array) for name, array in pack_series(telemetry).items()}
        keyframes = {keyframe.step: keyframe for keyframe in telemetry.keyframes}
        best_flat = checkpoint.early_stopping.best_flat
        with transaction(connection):
            rows.write_about(connection, self._about, telemetry.max_histogram_limit)
            changed_series = {name: data for name, data in arrays.items() if self._written_series.get(name) != data}
            rows.write_series(connection, run_id, changed_series)
            rows.write_events(connection, run_id, self._written_event_count, self._events[self._written_event_count :])
            new_keyframes = [
                keyframe for step, keyframe in keyframes.items() if step not in self._written_keyframe_steps
            ]
            rows.write_keyframes(connection, run_id, new_keyframes, self._written_keyframe_steps - set(keyframes))
            rows.write_checkpoint(connection, run_id, checkpoint, trained)
            if best_flat is not self._written_best_flat:
                rows.write_best(connection, run_id, best_flat)
        # after the transaction, because rows that were rolled back must be written again
        self._written_series |= changed_series
        self._written_event_count = len(self._events)
        self._written_keyframe_steps, self._written_best_flat = set(keyframes), best_flat
        self.stored = True
