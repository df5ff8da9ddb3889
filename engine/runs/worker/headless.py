"""A run in this process, for the command line.

The run uses the loop of the worker. So it is saved like a run from the page, and can be opened on the page.
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


class HeadlessRun(Worker):
    """A run in this process.

    Args:
        config: the config of the run. store: the file to save the run in; None saves nothing.
        record: a stored run to resume; None starts a new run. name: the name that the user gave.

    Raises:
        FieldError: if the data set is missing, or another process trains the run.

    Attributes:
        id: the id of the run. snapshots: every measurement since the run was started or resumed.
        save_error: why the run cannot be saved at the moment, or None.
    """

    def __init__(
        self, config: RunConfig, store: Path | None = None, record: Record | None = None, name: str = ""
    ) -> None:
        self.id = record.about.id if record else new_id()
        self.snapshots: list[Snapshot] = []
        self.save_error: str | None = None
        about = {"id": self.id, "created": time.time(), "origin": "command line", "name": name}
        packed = pack(record) if record else None
        super().__init__(
            RunSetup(config.to_dict(), about_fields=about, store_path=store, packed_record=packed), io.BytesIO()
        )

    def train(self) -> Iterator[int]:
        """Train to the end; yield the number of updates done about a hundred times a second.

        If training is interrupted, all but the last second is saved.

        Raises:
            Diverged: if a cost or a weight is not finite; the run is saved as diverged.
        """
        try:
            self.apply(Command(Verb.RESUME))
            while self.state == states.RUNNING:
                self.train_slice()
                yield self.training.step
        except Diverged as error:
            self.end_diverged(error)
            raise
        finally:
            if self.journal is not None:
                if self.state in states.FINAL:
                    self.finish_writing()
                self.journal.close()

    def send(self, report: Report) -> None:
        """Store the measurements of a report, because there is no server."""
        self.snapshots += report.snapshots
        self.save_error = report.save_error
