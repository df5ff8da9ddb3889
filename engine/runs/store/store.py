"""The store for everything but a worker: lists, loads, describes, deletes and saves whole runs."""

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
from engine.runs.store.columns import Writer, columns_of, fields_from_row, plain_from_row, to_cell
from engine.runs.store.database import StoreError, as_store_errors, reading, store_path, transaction, writing
from engine.runs.store.packing import unpack
from engine.runs.store.record import About, Record, check_words
from engine.runs.store.rows import write_record
from engine.runs.store.training_lock import is_trained

RESTORE_SECONDS = 24 * 3600.0  # for which a deleted run can be restored; later it is removed when a server starts

_COLUMNS = ", ".join(column.name for column in columns_of(About))


class Store:
    """The runs in one file. Every call opens and closes it, from any thread and any process.

    Args:
        path: the file; that of this machine when left out. It need not exist.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or store_path()

    def list(self, deleted: bool = False) -> list[About]:
        """Return all runs, the newest first.

        Args:
            deleted: return the deleted runs that can be restored instead.

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
        """Return the row of one run, deleted or not; None if there is none."""
        with reading(self.path) as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run_id,)).fetchone()
        return None if row is None else self._about(row)

    def load(self, run_id: str) -> Record | None:
        """Return a whole run; None if there is none.

        Raises:
            StoreError: when the file cannot be read, or the run is damaged.
        """
        with reading(self.path) as connection:
            connection.execute("BEGIN")  # everything of one moment, also while its worker writes
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
        """Write a whole run, for example an imported one; one of the same id is replaced.

        Raises:
            StoreError: when the file cannot be written; nothing is changed then.
        """
        with writing(self.path) as connection, transaction(connection):
            write_record(connection, record)

    def describe(
        self, run_id: str, *, name: str | None = None, note: str | None = None, tags: Iterable[str] | None = None
    ) -> None:
        """Set the name, the note and the tags of a run; None leaves a value unchanged.

        Raises:
            FieldError: for text that is too long. StoreError: when the file cannot be written.
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
        """Mark runs as deleted. They can be brought back with `restore` for a day."""
        self._change(run_ids, "deleted = ?", now())

    def restore(self, run_ids: Iterable[str]) -> None:
        """Restore deleted runs."""
        self._change(run_ids, "deleted = NULL")

    def purge(self, before: float | None = None) -> int:
        """Remove the runs deleted before a moment, a day ago when left out, for good. Returns how many."""
        moment = time.time() - RESTORE_SECONDS if before is None else before
        if not self.path.exists():
            return 0
        with writing(self.path) as connection, transaction(connection):
            return connection.execute("DELETE FROM runs WHERE deleted < ?", (moment,)).rowcount

    def nbytes(self) -> int:
        """Return the size of the file and of its log, in bytes."""
        with as_store_errors(self.path):
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
    """Return the packed form of a run without its row."""
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
    """Return the array of some bytes, a copy in the byte order of this machine."""
    array = np.frombuffer(data, dtype)
    return array.astype(array.dtype.newbyteorder("="))
