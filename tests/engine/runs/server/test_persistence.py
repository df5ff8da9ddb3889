"""Runs of the store that cannot be read are logged and treated as missing."""

from __future__ import annotations

import logging
import sqlite3

from engine.runs.server.persistence import Persistence
from engine.runs.store.store import Store
from tests.engine.runs.store.keeping import train_run


def test_a_run_that_cannot_be_read_is_logged_with_its_id(tmp_path, caplog):
    store = Store(tmp_path / "runs.sqlite")
    run_id = train_run(store)
    persistence = Persistence(store)
    assert persistence.load(run_id) is not None
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE series SET data = x'00' WHERE run = ?", (run_id,))
    with caplog.at_level(logging.WARNING):
        assert persistence.load(run_id) is None
    assert [run_id in record.getMessage() for record in caplog.records] == [True]
