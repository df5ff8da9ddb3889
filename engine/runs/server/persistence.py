"""What a manager does with the store; without one, nothing is kept and nothing is found."""

from __future__ import annotations

import logging
from dataclasses import replace

from engine.errors import FieldError
from engine.runs import states
from engine.runs.history.telemetry import Telemetry
from engine.runs.server.run import Run
from engine.runs.store.packing import unpack
from engine.runs.store.record import ID, About, Record
from engine.runs.store.store import Store

log = logging.getLogger(__name__)


class Kept:
    """The runs that outlast this server. What cannot be read or written is logged: training goes on without."""

    def __init__(self, store: Store | None) -> None:
        self.store = store

    def load(self, run_id: str) -> Record | None:
        """A run from the store; None where there is none, it was deleted, or it cannot be read."""
        if self.store is None or not ID.fullmatch(run_id):
            return None
        try:
            record = self.store.load(run_id)
        except FieldError as error:
            log.warning("run %s cannot be read: %s", run_id, error)
            return None
        return None if record is None or record.about.deleted else record

    def is_ahead_of(self, run: Run) -> bool:
        """Whether a run that was found interrupted has been trained on since by somebody else."""
        if run.state != states.INTERRUPTED or run.process is not None or self.store is None:
            return False
        try:
            about = self.store.about(run.id)
        except FieldError:
            return False
        return about is not None and about.updated != run.telemetry.taken_at

    def put_queued(self, run: Run) -> None:
        """Keep a run that waits for its turn: no worker writes of it yet."""
        if self.store is None:
            return
        about = About(initial_config=run.initial_config, pace=run.pace, **run.about())
        record = unpack(run.record) if run.record else Record(about, Telemetry())
        try:
            self.store.keep(replace(record, about=replace(record.about, state=states.QUEUED)))
        except FieldError as error:
            log.warning("run %s is not kept while it waits: %s", run.id, error)

    def to_go_on(self, run: Run) -> Record:
        """What a run that has no worker any more goes on from: as it was kept, else from its beginning.

        Raises:
            FieldError: when nothing is kept of it, or somebody else trains it.
        """
        record = self.load(run.id)
        if record is None:  # its worker died before it had written a word
            if self.store is None or run.telemetry.unsaved:
                raise FieldError("run", f"{run.id} cannot go on: nothing is kept of it; start another")
            return Record(
                About(initial_config=run.initial_config, state=states.INTERRUPTED, **run.about()), Telemetry()
            )
        if record.about.state not in states.RESUMABLE:
            raise FieldError("run", f"{run.id} is {record.about.state} by now: it is trained by another Regscope")
        return record
