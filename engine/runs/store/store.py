"""The store of all runs: lists, loads, saves, names and deletes runs. Workers write through the journal."""

from __future__ import annotations

import logging
import math
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.data.files.disk import disk_problem, free_disk
from engine.errors import FieldError
from engine.runs import states
from engine.runs.extracts.keyframe import ROUNDED
from engine.runs.names import display_name, last_number, reserve_number
from engine.runs.store.columns import (
    DAMAGE_ERRORS,
    Writer,
    column_names,
    columns_of,
    fields_from_row,
    from_bytes,
    packed_from_row,
    to_cell,
)
from engine.runs.store.damaged import ROW_KEY, StoredRuns, is_run_id, split_rows
from engine.runs.store.database import StoreError, convert_store_errors, open_for_reading, open_for_writing, store_path
from engine.runs.store.packing import unpack
from engine.runs.store.record import About, Event, Record, check_texts
from engine.runs.store.rows import update_queued, write_record
from engine.runs.store.schema import transaction
from engine.runs.store.training_lock import LOCK_WAIT, is_any_being_trained, is_being_trained
from engine.runs.store.weight_rows import BestRow, CheckpointRow, KeyframeRow

# A deleted run can be restored during this time. Later, the server removes the run when it starts.
RESTORE_SECONDS = 24 * 3600.0

COMPACTED_SHARE = 0.5  # of the file: with fewer free pages, the next runs soon fill them
MAX_COMPACTED_BESIDE_TRAINING = 128 << 20  # bytes to write, which takes about a second; workers wait that long
MIN_COMPACTED_BYTES = 4 << 20  # a smaller file is left as it is

NAME_WAIT = 0.3  # seconds to wait for the number of a default name: a start must not wait for another program

log = logging.getLogger(__name__)

_COLUMNS = column_names(About)


class Store:
    """The runs in one file.

    Every method opens and closes the file, so any thread and any process can call it.

    Args:
        path: the file, which need not exist; by default the store of this machine.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or store_path()

    def list(self, deleted: bool = False) -> list[About]:
        """Return all runs, the newest first.

        Args:
            deleted: True for the deleted runs that can be restored; False for all other runs.

        Raises:
            StoreError: if the file cannot be read.
        """
        stored = self.list_all()
        return stored.deleted if deleted else stored.runs

    def list_all(self) -> StoredRuns:
        """Return all runs, the deleted runs, and the rows that are not valid runs.

        Raises:
            StoreError: if the file cannot be read.
        """
        with open_for_reading(self.path) as connection:
            rows = connection.execute(f"SELECT {ROW_KEY}, {_COLUMNS} FROM runs ORDER BY created DESC, id").fetchall()
        return split_rows(rows, self._read_about)

    def load_about(self, run_id: str) -> About | None:
        """Return the `About` of one run, deleted or not; None if there is none."""
        with open_for_reading(self.path) as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run_id,)).fetchone()
        return None if row is None else self._about_or_none(row)

    def load(self, run_id: str) -> Record | None:
        """Return a whole run; None if there is none.

        Raises:
            StoreError: if the file cannot be read, or the run is damaged.
        """
        with open_for_reading(self.path) as connection:
            connection.execute("BEGIN")  # one transaction, because the worker may write between two queries
            row_with_histogram_limit = connection.execute(
                f"SELECT widest, {_COLUMNS} FROM runs WHERE id = ?", (run_id,)
            ).fetchone()
            if row_with_histogram_limit is None:
                return None
            max_histogram_limit, *row = row_with_histogram_limit
            try:
                about = self._read_about(tuple(row))
                packed = {"about": packed_from_row(About, tuple(row)), "widest": max_histogram_limit}
                record = unpack(packed | _load_packed(connection, run_id, about.initial_config.dtype))
            except DAMAGE_ERRORS as error:
                raise StoreError(self.path, f"contains a damaged run, {run_id} ({error}): delete that run") from error
        return replace(record, about=about)

    def save(self, record: Record) -> None:
        """Write a whole run, such as an imported run. A run with the same id is replaced.

        Raises:
            StoreError: if the file cannot be written, or the disk is nearly full; then nothing changes.
        """
        if problem := disk_problem(self.path.parent):
            raise StoreError(self.path, f"is not written: {problem}")
        with open_for_writing(self.path) as connection, transaction(connection):
            write_record(connection, record)

    def save_queued(self, record: Record) -> None:
        """Write a queued run, unless its worker has started and written it in the meantime.

        The name, the note and the tags of a run that is stored already are left as they are.

        Raises:
            StoreError: if the file cannot be written; then nothing changes.
        """
        about = record.about
        with open_for_writing(self.path) as connection, transaction(connection):
            found = connection.execute("SELECT updated FROM runs WHERE id = ?", (about.id,)).fetchone()
            if found is None:
                write_record(connection, record)
            elif found[0] == about.updated:  # its other rows are those that it is resumed from
                update_queued(connection, about)

    def reserve_number(self, words: str, at_least: int = 1) -> int:
        """Return the next number for a default name with these words; no process gets it again.

        Raises:
            StoreError: if the file cannot be written, or another process writes for longer than `NAME_WAIT`.
        """
        if problem := disk_problem(self.path.parent):
            raise StoreError(self.path, f"is not written: {problem}")
        with open_for_writing(self.path, NAME_WAIT) as connection, transaction(connection):
            return reserve_number(connection, words, at_least)

    def last_number(self, words: str) -> int:
        """Return the last number of a default name with these words. Raises `StoreError` if it cannot be read."""
        with open_for_reading(self.path) as connection:
            return last_number(connection, words)

    def set_description(
        self, run_id: str, *, name: str | None = None, note: str | None = None, tags: Iterable[str] | None = None
    ) -> None:
        """Set the name, the note and the tags of a run; None leaves a value unchanged.

        Raises:
            FieldError: if a text is too long. StoreError: if the file cannot be written.
        """
        clean_tags = None if tags is None else tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
        check_texts(name or "", note or "", clean_tags or ())
        new_values = {"name": name, "note": note, "tags": clean_tags}
        cells = {
            column.name: to_cell(column, new_values[column.field])
            for column in columns_of(About)
            if column.writer is Writer.USER and new_values[column.field] is not None
        }
        if cells:
            self._update_rows([run_id], ", ".join(f"{name} = ?" for name in cells), *cells.values())

    def delete(self, run_ids: Iterable[str], clock: Callable[[], float] = time.time) -> None:
        """Mark runs as deleted. `restore` can bring them back for a day.

        Raises:
            FieldError: if any process trains one of them; then none is deleted.
        """
        run_ids = list(run_ids)
        self.check_not_trained(run_ids)
        self._update_rows(run_ids, "deleted = ?", clock())

    def delete_damaged(self, keys: Iterable[str], now: Callable[[], float] = time.time) -> None:
        """Mark rows that are not valid runs as deleted. `keys`: see `DamagedRun`."""
        with open_for_writing(self.path) as connection, transaction(connection):
            for key in keys:
                connection.execute(f"UPDATE runs SET deleted = ? WHERE {ROW_KEY} = ?", (now(), key))

    def check_not_trained(self, run_ids: Iterable[str]) -> None:
        """Check that no process trains any of these runs.

        Raises:
            FieldError: for a run in training.
        """
        for run_id in run_ids:
            # the worker of a run that has just ended may still hold the lock
            about = self.load_about(run_id)
            in_training = about is not None and about.state not in states.ENDED
            if in_training or is_being_trained(self.path, run_id, LOCK_WAIT):
                name = display_name(about) if about else run_id
                raise FieldError(
                    "run",
                    f"{name} is being trained or paused and cannot be deleted: stop it first, on its page or with "
                    "Ctrl-C in its terminal",
                )

    def restore(self, run_ids: Iterable[str]) -> None:
        """Restore deleted runs."""
        self._update_rows(run_ids, "deleted = NULL")

    def purge(self, before: float | None = None) -> int:
        """Permanently remove the runs that were deleted before a time; return their number.

        Args:
            before: seconds since 1970; by default one day ago.
        """
        return self._remove_deleted(time.time() - RESTORE_SECONDS if before is None else before)

    def _remove_deleted(self, before: float, ids: set[str] | None = None) -> int:
        """Remove the runs that were deleted before a time from the file; return their number.

        Args:
            before: seconds since 1970. ids: only these runs; None for all.
        """
        if not self.path.exists():
            return 0
        with open_for_writing(self.path) as connection, transaction(connection):
            old = connection.execute(f"SELECT {ROW_KEY}, id FROM runs WHERE deleted < ?", (before,)).fetchall()
            chosen = [(key, run_id) for key, run_id in old if ids is None or run_id in ids]
            # the id of a damaged row may be anything, also no name of a folder
            ended = [
                (key,) for key, run_id in chosen if not is_run_id(run_id) or not is_being_trained(self.path, run_id)
            ]
            connection.executemany(f"DELETE FROM runs WHERE {ROW_KEY} = ?", ended)
            return len(ended)

    def delete_for_good(self, run_ids: Iterable[str] | None = None) -> int:
        """Remove deleted runs permanently, and give their space back; return the number of runs.

        Args:
            run_ids: the deleted runs to remove; None for all of them. Other runs are left unchanged.

        Raises:
            StoreError: if the file cannot be written.
        """
        ids = None if run_ids is None else set(run_ids)
        removed = self._remove_deleted(math.inf, ids)
        if removed:
            try:
                self.compact()
            except StoreError as error:  # the runs are removed; the space is given back by a later deletion
                log.warning("%s", error)
        return removed

    def compact(self) -> bool:
        """Give free pages back to the disk if they are half of the file; return whether that was done.

        Others can read the file meanwhile, but not write it; a worker waits, and tries again later. So a large file is
        not copied while runs are trained. The disk must have room for a copy of the used pages.

        Raises:
            StoreError: if the file cannot be read or written.
        """
        if not self.path.exists() or self.path.stat().st_size < MIN_COMPACTED_BYTES:
            return False
        with open_for_writing(self.path) as connection:
            page_size, pages, free_pages = (
                int(connection.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_size", "page_count", "freelist_count")
            )
            free_space = free_disk(self.path.parent)
            # the copy is in a temporary file first, then in the write-ahead log
            needed = 2 * page_size * (pages - free_pages)
            if free_pages < COMPACTED_SHARE * pages or (free_space is not None and free_space < needed):
                return False
            if needed > MAX_COMPACTED_BESIDE_TRAINING and is_any_being_trained(self.path):
                return False
            try:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    return False  # another process writes; the next deletion tries again
                raise
        return True

    def nbytes(self) -> int:
        """Return the size of the file and its log in bytes."""
        with convert_store_errors(self.path):
            files = (self.path, self.path.with_name(self.path.name + "-wal"))
            return sum(map(_size_or_zero, files))

    def _update_rows(self, run_ids: Iterable[str], assignments: str, *values: Any) -> None:
        with open_for_writing(self.path) as connection, transaction(connection):
            for run_id in run_ids:
                connection.execute(f"UPDATE runs SET {assignments} WHERE id = ?", (*values, run_id))

    def _about_or_none(self, row: tuple[Any, ...]) -> About | None:
        """Return the `About` of a row; None if the row is not a valid run."""
        try:
            return self._read_about(row)
        except ValueError:
            return None

    def _read_about(self, row: tuple[Any, ...]) -> About:
        """Return the `About` of a row.

        A state that is not final becomes "interrupted" if no process trains the run.

        Raises:
            ValueError: for a damaged row.
        """
        about = About(**fields_from_row(About, row))
        check_texts(about.name, about.note, about.tags)
        if about.state not in states.FINAL and not is_being_trained(self.path, about.id):
            return replace(about, state=states.INTERRUPTED)
        return about


def _size_or_zero(path: Path) -> int:
    """Return the size of a file in bytes; 0 if there is none. SQLite removes its log when the last writer ends."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _load_packed(connection: sqlite3.Connection, run_id: str, dtype: str) -> dict[str, Any]:
    """Return the packed form of a run without its `About`. `dtype` is the type of its weights."""

    def rows(table: str, row_type: type[Any], more: str = "", dtype: str = dtype) -> list[dict[str, Any]]:
        query = f"SELECT {column_names(row_type)} FROM {table} WHERE run = ? {more}"
        return [packed_from_row(row_type, row, dtype) for row in connection.execute(query, (run_id,))]

    def keyframes() -> list[dict[str, Any]]:
        exact = rows("keyframes", KeyframeRow, "AND NOT rounded")
        rounded = rows("keyframes", KeyframeRow, "AND rounded", ROUNDED.name)
        return sorted([*exact, *rounded], key=lambda row: row["step"])

    best, checkpoint = rows("best", BestRow), rows("checkpoints", CheckpointRow)
    series = connection.execute("SELECT name, data FROM series WHERE run = ?", (run_id,))
    return {
        "series": {name: from_bytes(data, "float64") for name, data in series},
        "events": rows("events", Event, "ORDER BY number"),
        "keyframes": keyframes(),
        "checkpoint": checkpoint[0] | {"best": best[0]["flat"] if best else None} if checkpoint else None,
    }
