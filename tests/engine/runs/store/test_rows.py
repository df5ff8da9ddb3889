"""The file has the keyframes of the run: a keyframe that the run drops is deleted."""

from __future__ import annotations

import io
import sqlite3

from engine.runs.history import keyframes
from engine.runs.messages import Command, RunSetup, Verb
from engine.runs.store.record import new_id
from engine.runs.worker.worker import Worker
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import advance


def test_a_keyframe_that_a_run_drops_is_deleted_from_the_file(store, monkeypatch):
    monkeypatch.setattr(keyframes, "MAX_KEYFRAMES", keyframes.MIN_KEYFRAMES)
    about = {"id": new_id(), "created": 1.0}
    worker = Worker(RunSetup(small().to_dict(), about_fields=about, store_path=store.path), io.BytesIO())
    worker.apply(Command(Verb.RESUME))
    written = set()
    for step in range(1, 60):
        advance(worker, step)
        worker.send_report()
        worker.write_if_due(now=True)
        with sqlite3.connect(store.path) as connection:
            steps = [row[0] for row in connection.execute("SELECT step FROM keyframes ORDER BY step")]
        written.update(steps)
        assert steps == [keyframe.step for keyframe in worker.journal.telemetry.keyframes]
    worker.journal.close()
    assert len(steps) == keyframes.MIN_KEYFRAMES
    assert len(written) > len(steps)
