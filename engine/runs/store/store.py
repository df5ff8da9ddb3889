"""The store as everybody but a worker uses it: lists, loads, names, deletes and keeps whole runs."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.runs import states
from engine.runs.store.alive import is_trained
from engine.runs.store.columns import Writer, columns_of, fields_from_row, plain_from_row, to_cell
from engine.runs.store.database import StoreError, in_words, reading, store_path, transaction, writing
from engine.runs.store.packing import unpack
from engine.runs.store.record import About, Record, check_words
from engine.runs.store.rows import write_record

UNDO = 24 * 3600.0  # seconds for which a deleted run can be brought back; then it goes when a server starts

_COLUMNS = ", ".join(column.name for column in columns_of(About))


class Store:
    """The runs kept in one file. Every call opens and closes it: any thread may call, and so may other processes.

    Args:
        path: the file; this machine's when left out. It need not be there yet.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or store_path()

    def list(self, deleted: bool = False) -> list[About]:
        """All runs, the newest first.

        Args:
            deleted: those that were deleted and can be brought back, instead.

        Raises:
            StoreError: when the file cannot be read.
        """
        with reading(self.path) as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM runs WHERE deleted IS {'NOT' if deleted else ''} NULL "
                "ORDER BY created DESC, id"
            ).fetchall()
        return [about for row in rows if (about := self._about(row)) is not None]

    def about(self, run_id: str) -> About | None:
        """What a list says of one run, deleted or not; None where there is none."""
        with reading(self.path) as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run_id,)).fetchone()
        return None if row is None else self._about(row)

    def load(self, run_id: str) -> Record | None:
        """A run, whole; None where there is none.

        Raises:
            StoreError: when the file cannot be read, or what it holds is no run.
        """
        with reading(self.path) as connection:
            connection.execute("BEGIN")  # all of it as of one moment, also while its worker writes
            row = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run_id,)).fetchone()
            if row is None:
                return None
            about = self._about(row)
            try:
                record = unpack(_packed(connection, run_id) | {"about": plain_from_row(About, row)})
            except ValueError as error:
                raise StoreError(self.path, f"holds the run {run_id} damaged: {error}; delete that run") from error
        if about is None:
            raise StoreError(self.path, f"holds the run {run_id} damaged: no row of a run; delete that run")
        return replace(record, about=about)

    def keep(self, record: Record) -> None:
        """Write a whole run, as one that was imported; one of the same id is replaced.

        Raises:
            StoreError: when the file cannot be written; nothing is changed then.
        """
        with writing(self.path) as connection, transaction(connection):
            write_record(connection, record)

    def describe(
        self, run_id: str, *, name: str | None = None, note: str | None = None, tags: Iterable[str] | None = None
    ) -> None:
        """Write down what a person says of a run; what is None stays.

        Raises:
            FieldError: for words that are too long. StoreError: when the file cannot be written.
        """
        known = None if tags is None else tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
        check_words(name or "", note or "", known or ())
        given = {"name": name, "note": note, "tags": known}
        cells = {
            column.name: to_cell(column, given[column.field])
            for column in columns_of(About)
            if column.writer is Writer.PERSON and given[column.field] is not None
        }
        if cells:
            self._change([run_id], ", ".join(f"{name} = ?" for name in cells), *cells.values())

    def delete(self, run_ids: Iterable[str], now: Callable[[], float] = time.time) -> None:
        """Take runs off the list. They can be brought back with `restore` for a day."""
        self._change(run_ids, "deleted = ?", now())

    def restore(self, run_ids: Iterable[str]) -> None:
        """Bring deleted runs back."""
        self._change(run_ids, "deleted = NULL")

    def purge(self, before: float | None = None) -> int:
        """Remove deleted runs for good: those deleted before a moment, a day ago when left out; returns how many."""
        moment = time.time() - UNDO if before is None else before
        if not self.path.exists():
            return 0
        with writing(self.path) as connection, transaction(connection):
            return connection.execute("DELETE FROM runs WHERE deleted < ?", (moment,)).rowcount

    def nbytes(self) -> int:
        """The size of the file and of the log beside it."""
        with in_words(self.path):
            beside = (self.path, self.path.with_name(self.path.name + "-wal"))
            return sum(path.stat().st_size for path in beside if path.exists())

    def _change(self, run_ids: Iterable[str], what: str, *values: Any) -> None:
        with writing(self.path) as connection, transaction(connection):
            for run_id in run_ids:
                connection.execute(f"UPDATE runs SET {what} WHERE id = ?", (*values, run_id))

    def _about(self, row: tuple[Any, ...]) -> About | None:
        """Return a row of the list; None if the row is not a valid run.

        A run that no process trains although its row has no final state was interrupted.
        """
        try:
            about = About(**fields_from_row(About, row))
        except (ValueError, TypeError, AttributeError):
            return None
        if about.state not in states.FINAL and not is_trained(self.path, about.id):
            return replace(about, state=states.INTERRUPTED)
        return about


def _packed(connection: sqlite3.Connection, run_id: str) -> dict[str, Any]:
    """Everything of a run but its row."""
    dtype = "float32"
    found = connection.execute("SELECT config, widest FROM runs WHERE id = ?", (run_id,)).fetchone()
    widest = 0.0
    if found is not None:
        widest = found[1]
        if '"float64"' in found[0]:
            dtype = "float64"

    def rows(what: str) -> list[tuple[Any, ...]]:
        return connection.execute(what, (run_id,)).fetchall()

    flat = np.dtype(dtype).newbyteorder("<")
    keyframes = [
        {"step": step, "halvings": halvings, "flat": _array(data, flat), "trained": _array(trained)}
        for step, halvings, data, trained in rows(
            "SELECT step, halvings, flat, trained FROM keyframes WHERE run = ? ORDER BY step"
        )
    ]
    best = rows("SELECT flat FROM best WHERE run = ?")
    checkpoint = None
    for step, early_stopping, data, trained in rows("SELECT step, vigil, flat, trained FROM checkpoints WHERE run = ?"):
        checkpoint = {
            "step": step,
            "vigil": json.loads(early_stopping),
            "flat": _array(data, flat),
            "trained": _array(trained),
            "best": _array(best[0][0], flat) if best else None,
        }
    return {
        "widest": widest,
        "series": {name: _array(data) for name, data in rows("SELECT name, data FROM series WHERE run = ?")},
        "events": [
            {"step": step, "at": at, "kind": kind, "body": json.loads(body)}
            for step, at, kind, body in rows("SELECT step, at, kind, body FROM events WHERE run = ? ORDER BY number")
        ],
        "keyframes": keyframes,
        "checkpoint": checkpoint,
    }


def _array(data: bytes, dtype: Any = "<f8") -> np.ndarray:
    """A copy, in this machine's order of bytes."""
    array = np.frombuffer(data, dtype)
    return array.astype(array.dtype.newbyteorder("="))
