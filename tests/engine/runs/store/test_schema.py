"""A transaction writes everything or nothing, and raises the original error."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.runs.store import schema
from engine.runs.store.database import StoreError, convert_store_errors
from engine.runs.store.schema import transaction

LARGER = (
    "CREATE TABLE larger (data BLOB); INSERT INTO larger VALUES (zeroblob(1000000))"  # more than the free pages below
)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A store with five free pages of 4 kB."""
    connection = sqlite3.connect(tmp_path / "runs.sqlite", isolation_level=None)
    schema.create_or_migrate(connection)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 5}")
    yield connection
    connection.close()


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_migration_on_a_full_disk_reports_the_full_disk(full, monkeypatch):
    """SQLite has rolled back already: another ROLLBACK would fail and hide the error."""
    before = tables(full)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, LARGER))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    with pytest.raises(StoreError, match="the disk is full"), convert_store_errors(Path("runs.sqlite")):
        schema.create_or_migrate(full)
    assert not full.in_transaction
    assert schema.checked_version(full) == schema.VERSION - 1
    assert tables(full) == before


def test_a_block_that_fills_the_disk_reports_the_full_disk(full):
    before = tables(full)

    def fill() -> None:
        with transaction(full):
            for statement in LARGER.split(";"):
                full.execute(statement)

    with pytest.raises(sqlite3.OperationalError, match="full"):
        fill()
    assert tables(full) == before


def test_a_block_that_raises_is_rolled_back(full):
    def break_off() -> None:
        with transaction(full):
            full.execute("CREATE TABLE small (data BLOB)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert not full.in_transaction
    assert "small" not in tables(full)
