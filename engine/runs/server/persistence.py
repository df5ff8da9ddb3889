"""Loads and saves the runs of a manager. Without a store, nothing is saved or loaded."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from engine.config import RunConfig
from engine.errors import FieldError
from engine.runs import states
from engine.runs.history.telemetry import Telemetry
from engine.runs.names import display_name, name_words, numbered_name
from engine.runs.server.run import Run
from engine.runs.store.identity import FileWatch
from engine.runs.store.packing import unpack
from engine.runs.store.record import RUN_ID, About, Record
from engine.runs.store.store import Store

log = logging.getLogger(__name__)


class Persistence:
    """Loads and saves runs. Errors of the store are logged, and training continues."""

    def __init__(self, store: Store | None) -> None:
        self.store = store
        self._file: FileWatch | None = None
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}  # the last number of default names, by their words

    def notice(self) -> str | None:
        """Return that the file of the store was moved or deleted while this server ran, else None."""
        if self.store is None:
            return None
        if self._file is None or self._file.path != self.store.path:
            self._file = FileWatch(self.store.path)
        return self._file.notice()

    def new_default_name(self, config: RunConfig) -> str:
        """Return a default name that no other run has. Call it without the lock of the manager: it opens the file.

        If the file cannot be written, the number follows the last one that could be read.
        """
        words = name_words(config)
        with self._lock:
            number = self._numbers.get(words, 0) + 1
            if self.store is not None:
                try:
                    number = self.store.reserve_number(words, number)
                except FieldError as error:
                    log.info("the number of a name is not stored: %s", error)
                    with suppress(FieldError):
                        number = max(number, self.store.last_number(words) + 1)
            self._numbers[words] = number
        return numbered_name(words, number)

    def load(self, run_id: str) -> Record | None:
        """Return a stored run; None if there is none, it was deleted, or it cannot be read."""
        if self.store is None or not RUN_ID.fullmatch(run_id):
            return None
        try:
            record = self.store.load(run_id)
        except FieldError as error:
            log.warning("run %s cannot be read: %s", run_id, error)
            return None
        return None if record is None or record.about.deleted else record

    def has_newer_record(self, run: Run) -> bool:
        """Return whether the store has a newer state of a run without a worker, because another process trains it."""
        elsewhere = run.state == states.ELSEWHERE
        if self.store is None or not (elsewhere or run.state in states.RESUMABLE):
            return False
        if run.process is not None and run.process.popen.poll() is None:
            return False  # its worker is about to end and still holds the lock of the run
        try:
            about = self.store.load_about(run.id)
        except FieldError:
            return False
        if about is None or about.deleted is not None:
            return False
        newer = about.updated != run.telemetry.reported_at
        if about.state not in states.ENDED:
            return newer or not elsewhere
        if elsewhere:
            return True
        if run.process is None and run.state == states.INTERRUPTED:
            return newer
        # a run that this server has trained may be ahead of the store itself, by the last half of a second
        return about.step > run.telemetry.step

    def save_queued(self, run: Run, resume_from: Mapping[str, Any] | None) -> None:
        """Save a queued run, because its worker writes nothing before the start.

        Args:
            run: the run. resume_from: `Run.resume_from`, which is None as soon as the run has started.
        """
        if self.store is None:
            return
        about = About(initial_config=run.initial_config, pace=run.pace, **run.about_fields())
        record = unpack(resume_from) if resume_from else Record(about, Telemetry())
        try:
            about = replace(record.about, state=states.QUEUED, name=run.name, default_name=run.default_name)
            self.store.save_queued(replace(record, about=about))
        except FieldError as error:
            log.warning("run %s is not saved while it is queued: %s", run.id, error)

    def load_to_resume(self, run: Run) -> Record:
        """Return the record to resume a run from; an empty record if the run was never written.

        Raises:
            FieldError: if the run cannot be in the store, or another process trains it.
        """
        record = self.load(run.id)
        if record is None:  # its worker died before its first write, or the store was moved or deleted
            if self.store is None or run.telemetry.save_error or run.telemetry.step:
                raise FieldError(
                    "run", f"{display_name(run)} cannot be resumed: it is not in the store; start a new run"
                )
            return Record(
                About(initial_config=run.initial_config, state=states.INTERRUPTED, **run.about_fields()), Telemetry()
            )
        if record.about.state not in states.RESUMABLE:
            raise FieldError(
                "run", f"{display_name(run)} is now {record.about.state}: another Regscope trains it; open it there"
            )
        return record
