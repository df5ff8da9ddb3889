"""Writes rows into the tables of the store. The caller begins and ends the transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from numpy import ndarray as Array

from engine.learning.checkpoint import Checkpoint
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.names import mark_number_as_used, name_words, numbered_name, reserve_number
from engine.runs.store.columns import Writer, columns_of, to_bytes, to_row
from engine.runs.store.packing import pack_series
from engine.runs.store.record import About, Event, Record
from engine.runs.store.weight_rows import BestRow, CheckpointRow, KeyframeRow


def write_record(connection: sqlite3.Connection, record: Record) -> None:
    """Write a whole run; a run with the same id is replaced."""
    run_id, checkpoint = record.about.id, record.checkpoint
    connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))
    write_about(connection, record.about, record.telemetry.max_histogram_limit)
    write_series(connection, run_id, {name: to_bytes(array) for name, array in pack_series(record.telemetry).items()})
    write_events(connection, run_id, 0, record.events)
    write_keyframes(connection, run_id, record.telemetry.keyframes, ())
    if checkpoint is not None:
        write_checkpoint(connection, run_id, checkpoint, record.training_counts)
        write_best(connection, run_id, checkpoint.early_stopping.best_flat)


def write_about(connection: sqlite3.Connection, about: About, widest: float) -> None:
    """Insert the row of a run, or update the columns of the writer TRAINING.

    The user may have changed the other columns. A new row without a default name gets one.
    """
    is_new = connection.execute("SELECT 1 FROM runs WHERE id = ?", (about.id,)).fetchone() is None
    if is_new and about.default_name:
        mark_number_as_used(connection, about.default_name)
    elif is_new:
        words = name_words(about.initial_config)
        about = replace(about, default_name=numbered_name(words, reserve_number(connection, words)))
    values = {**to_row(about), "widest": widest}
    updated_columns = [column.name for column in columns_of(About) if column.writer is Writer.TRAINING] + ["widest"]
    if not about.default_name:  # the row has got one
        updated_columns.remove("default_name")
    assignments = ", ".join(f"{name} = excluded.{name}" for name in updated_columns)
    _insert(connection, "INSERT", "runs", values, f" ON CONFLICT (id) DO UPDATE SET {assignments}")


def update_queued(connection: sqlite3.Connection, about: About) -> None:
    """Update the row of a queued run, without the columns of the user: they may have changed since it was written."""
    written_columns = {column.name for column in columns_of(About) if column.writer in (Writer.START, Writer.TRAINING)}
    values = {name: value for name, value in to_row(about).items() if name in written_columns}
    assignments = ", ".join(f"{name} = :{name}" for name in values if name != "id")
    connection.execute(f"UPDATE runs SET {assignments} WHERE id = :id", values)
    mark_number_as_used(connection, about.default_name)


def write_series(connection: sqlite3.Connection, run_id: str, arrays: Mapping[str, bytes]) -> None:
    for name, data in arrays.items():
        _replace(connection, "series", {"run": run_id, "name": name, "data": data})


def write_events(connection: sqlite3.Connection, run_id: str, first: int, events: Iterable[Event]) -> None:
    """Write events, numbered from `first` on."""
    for number, event in enumerate(events, start=first):
        _replace(connection, "events", {"run": run_id, "number": number, **to_row(event)})


def write_keyframes(
    connection: sqlite3.Connection, run_id: str, new: Iterable[Keyframe], removed: Iterable[int]
) -> None:
    """Write new keyframes, and delete the keyframes at the steps in `removed`."""
    connection.executemany("DELETE FROM keyframes WHERE run = ? AND step = ?", [(run_id, step) for step in removed])
    for keyframe in new:
        _replace(connection, "keyframes", {"run": run_id, **to_row(KeyframeRow.of(keyframe))})


def write_checkpoint(
    connection: sqlite3.Connection, run_id: str, checkpoint: Checkpoint, trained: Iterable[Array]
) -> None:
    """Write a checkpoint without the best parameters. `trained`: see `Record.training_counts`."""
    _replace(connection, "checkpoints", {"run": run_id, **to_row(CheckpointRow.of(checkpoint, trained))})


def write_best(connection: sqlite3.Connection, run_id: str, flat: Array | None) -> None:
    """Write the parameters of the best epoch, if early stopping keeps them."""
    if flat is not None:
        _replace(connection, "best", {"run": run_id, **to_row(BestRow(flat))})


def _replace(connection: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> None:
    _insert(connection, "INSERT OR REPLACE", table, values)


def _insert(
    connection: sqlite3.Connection, statement: str, table: str, values: Mapping[str, Any], conflict_clause: str = ""
) -> None:
    placeholders = ", ".join("?" * len(values))
    connection.execute(
        f"{statement} INTO {table} ({', '.join(values)}) VALUES ({placeholders}){conflict_clause}",
        tuple(values.values()),
    )
