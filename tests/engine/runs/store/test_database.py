"""The door to the store's file, where many come through it at once."""

from __future__ import annotations

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from engine.runs.store import database, schema
from engine.runs.store.database import StoreError, connect_for_writing, open_for_reading, open_for_writing


def test_several_processes_can_make_the_file_at_once(tmp_path):
    at_once, times = 4, 50  # of 150 openings about 40 failed when each looked and wrote without waiting

    def opened(path, barrier, write):
        barrier.wait()
        for _ in range(1 if write else 10):
            with open_for_writing(path) if write else open_for_reading(path) as connection:
                assert schema.checked_version(connection) == schema.VERSION
        return "opened"

    found = Counter()
    with ThreadPoolExecutor(at_once) as pool:
        for i in range(times):
            path, barrier = tmp_path / f"{i}.sqlite", Barrier(at_once)
            found.update(pool.map(lambda who, p=path, b=barrier: opened(p, b, who > 0), range(at_once)))
    assert found == {"opened": at_once * times}


def test_a_locked_file_is_reported_as_busy_after_a_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.2)
    path = tmp_path / "runs.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with (
            pytest.raises(StoreError, match=r"is being written by another program .*: try again"),
            open_for_writing(path),
        ):
            pass
    finally:
        other.close()
    connect_for_writing(path).close()
