"""A run that is trained here and now, with nobody to give it orders: what the command line does.

It is the worker's own loop, so a run that was trained in a terminal is kept as one of the page is, and can be looked
at there.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

from engine.config import RunConfig
from engine.learning.rollback import Diverged
from engine.learning.snapshot import Snapshot
from engine.runs import states
from engine.runs.messages import Command, Report, RunSetup, Verb
from engine.runs.store.packing import pack
from engine.runs.store.record import Record, new_id
from engine.runs.worker.worker import Worker


class Headless(Worker):
    """A run in this process.

    Args:
        config: the run. store: the file that keeps it; None keeps nothing.
        record: what it goes on from, where it was begun before. name: what a person calls it.

    Raises:
        FieldError: for data that are not there, and for a run that another process trains.

    Attributes:
        id: the run's. snapshots: every measurement since it began or went on.
        unsaved: why it is not kept at the moment, in words; None where it is.
    """

    def __init__(
        self, config: RunConfig, store: Path | None = None, record: Record | None = None, name: str = ""
    ) -> None:
        self.id = record.about.id if record else new_id()
        self.snapshots: list[Snapshot] = []
        self.unsaved: str | None = None
        about = {"id": self.id, "created": time.time(), "origin": "command line", "name": name}
        packed = pack(record) if record else None
        super().__init__(RunSetup(config.to_dict(), about=about, store=store, record=packed), io.BytesIO())

    def train(self) -> Iterator[int]:
        """Train to the end; hands out the updates done, a hundred times a second.

        Raises:
            Diverged: and the run is kept as one that has. Whatever interrupts it leaves all but the last second kept.
        """
        try:
            self.obey(Command(Verb.RESUME))
            while self.state == states.RUNNING:
                self.work()
                yield self.training.step
        except Diverged as error:
            self.diverge(error)
            raise
        finally:
            if self.journal is not None:
                self.journal.close()

    def tell(self, report: Report) -> None:
        self.snapshots += report.snapshots
        self.unsaved = report.unsaved
