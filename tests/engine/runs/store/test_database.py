"""Opening the file of the store, from several processes at once."""

from __future__ import annotations

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from engine.runs.store import database, schema
from engine.runs.store.database import StoreError, connect_for_writing, open_for_reading, open_for_writing


def test_several_threads_can_create_the_file_at_once(tmp_path):
    thread_count, times = 4, 50  # without waiting for each other, about 40 of 150 openings failed

    def open_file(path, barrier, write):
        barrier.wait()
        for _ in range(1 if write else 10):
            with open_for_writing(path) if write else open_for_reading(path) as connection:
                assert schema.checked_version(connection) == schema.VERSION
        return "opened"

    found = Counter()
    with ThreadPoolExecutor(thread_count) as pool:
        for i in range(times):
            path, barrier = tmp_path / f"{i}.sqlite", Barrier(thread_count)
            found.update(pool.map(lambda number, p=path, b=barrier: open_file(p, b, number > 0), range(thread_count)))
    assert found == {"opened": thread_count * times}


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
