"""Invalid rows of the store are skipped and reported, and the other runs are listed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from engine.runs.store.columns import columns_of
from engine.runs.store.database import StoreError
from engine.runs.store.record import About
from engine.runs.store.store import Store
from tests.engine.runs.store.keeping import train_run

DEEP_JSON = "[" * 100_000
# Invalid values for each column. SQLite stores any type in any column.
BAD_CELLS: dict[str, tuple[Any, ...]] = {
    "id": ("not an id", "x" * 3_000, b"\xff\x00"),
    "config": ("", "{", "[]", DEEP_JSON, '{"dataset": NaN}', '{"hidden": [1e999]}', "17", b"\xff"),
    "state": ("dancing", 7, b"running"),
    "reason": (b"\xff",),
    "pace": ("slow", -1.0, 0.0, 9e999),
    "step": ("many", -3, 2**62, 0.5, b""),
    "steps_per_epoch": ("many", -3, 0.5),
    "seconds": ("long", 9e999, b""),
    "figures": ("[]", "{", '{"best_accuracy": "high"}', '{"best_accuracy": NaN}', '{"best_accuracy": null}', DEEP_JSON),
    "created": ("yesterday", -1.0, 9e999, 1e15),
    "updated": ("yesterday", 1e15, b""),
    "origin": ("Mars", 5),
    "name": (b"\xff", "x" * 101, "zero\0byte"),
    "default_name": (b"\xff", "x" * 301),
    "note": (b"\xff", "x" * 10_001),
    "tags": ('"abc"', '{"a": 1}', "[1]", '[""]', "[[]]", "null", DEEP_JSON),
    "party": (b"5", "x" * 65),
    "parent": (b"5", "x" * 65),
    "forked_at": ("here", -1, 0.5),
    "deleted": ("today", b""),
}


def damage(store: Store, run_id: str, column: str, cell: Any) -> None:
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (cell, run_id))


def test_every_column_has_bad_cells():
    assert BAD_CELLS.keys() == {column.name for column in columns_of(About)}


@pytest.mark.parametrize(
    ("column", "number"), [(column, number) for column, cells in BAD_CELLS.items() for number in range(len(cells))]
)
def test_a_bad_cell_hides_only_its_own_row(store, column, number):
    good, bad = train_run(store, until=12), train_run(store, until=12)
    damage(store, bad, column, BAD_CELLS[column][number])
    assert [about.id for about in store.list()] == [good]
    assert store.list(deleted=True) == []
    (damaged,) = store.list_all().damaged
    assert damaged.problem.startswith((f"{column}: ", column)), damaged.problem
    assert damaged.name.isprintable()
    assert len(damaged.name) <= 40
    assert column == "id" or damaged.name == bad


@pytest.mark.parametrize("column", ["state", "name", "note", "config", "tags", "origin", "party", "reason", "id"])
def test_text_that_is_not_utf_8_hides_only_its_own_row(store, column):
    good, bad = train_run(store, until=12), train_run(store, until=12)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(f"UPDATE runs SET {column} = CAST(x'ff41' AS TEXT) WHERE id = ?", (bad,))
    assert [about.id for about in store.list()] == [good]
    assert len(store.list_all().damaged) == 1


def test_damaged_rows_with_any_id_can_be_deleted(store):
    good = train_run(store, until=12)
    for cell in ("not an id", b"\xff\x00", None, "", 5):
        damage(store, train_run(store, until=12), "id", cell)
    damaged = store.list_all().damaged
    assert len(damaged) == 5
    store.delete_damaged(row.key for row in damaged)
    assert store.list_all().damaged == []
    assert [about.id for about in store.list()] == [good]
    assert store.purge(before=1e12) == 5
    assert store.load(good) is not None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE series SET name = 'over_time/' || char(27) || '[31m' WHERE name = 'snapshots'",
        "UPDATE series SET name = CAST(x'6f7665725f74696d652fff' AS TEXT) WHERE name = 'snapshots'",
        "UPDATE events SET body = CAST(x'ff' AS TEXT)",
        f"UPDATE events SET body = '{DEEP_JSON}'",
        "UPDATE checkpoints SET vigil = '[]'",
        "UPDATE checkpoints SET flat = 'text'",
        "UPDATE keyframes SET step = step || 'th'",
    ],
)
def test_loading_a_run_with_a_damaged_part_raises_an_error_with_its_id(store, change):
    good = train_run(store, until=12)
    bad = train_run(store, until=12)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        table = change.split()[1]
        where = " AND " if " WHERE " in change else " WHERE "
        assert connection.execute(f"{change}{where}{table}.run = ?", (bad,)).rowcount > 0
    with pytest.raises(StoreError, match=f"contains a damaged run, {bad}"):
        store.load(bad)
    assert {about.id for about in store.list()} == {good, bad}
    assert store.load(good) is not None
