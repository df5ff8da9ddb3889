"""The door to the store's file, where many come through it at once."""

from __future__ import annotations

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from engine.runs.store import database, schema
from engine.runs.store.database import StoreError, open_to_write, reading, writing


def test_where_several_make_a_new_file_at_once_all_get_it_and_nobody_finds_a_strangers(tmp_path):
    at_once, times = 4, 50  # of 150 openings about 40 failed when each looked and wrote without waiting

    def opened(path, barrier, write):
        barrier.wait()
        for _ in range(1 if write else 10):
            with writing(path) if write else reading(path) as connection:
                assert schema.check(connection) == schema.VERSION
        return "opened"

    found = Counter()
    with ThreadPoolExecutor(at_once) as pool:
        for i in range(times):
            path, barrier = tmp_path / f"{i}.sqlite", Barrier(at_once)
            found.update(pool.map(lambda who, p=path, b=barrier: opened(p, b, who > 0), range(at_once)))
    assert found == {"opened": at_once * times}


def test_a_file_that_somebody_keeps_to_himself_is_waited_for_and_then_said_to_be_busy(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.2)
    path = tmp_path / "runs.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreError, match=r"is being written by another program .*: try again"), writing(path):
            pass
    finally:
        other.close()
    open_to_write(path).close()
