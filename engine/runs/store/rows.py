"""Writes rows into the tables of the store. The caller begins and ends the transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.learning.early_stopping import EarlyStopping
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.store.columns import Writer, columns_of, to_row
from engine.runs.store.packing import joined, pack_early_stopping, pack_series
from engine.runs.store.record import About, Event, Record


def write_record(connection: sqlite3.Connection, record: Record) -> None:
    """Write a whole run; one of the same id is replaced."""
    run_id, checkpoint = record.about.id, record.checkpoint
    connection.execute("DELETE FROM runs WHERE id = ?", (run_id,))
    write_about(connection, record.about, record.telemetry.widest)
    write_series(connection, run_id, {name: to_bytes(array) for name, array in pack_series(record.telemetry).items()})
    write_events(connection, run_id, 0, record.events)
    write_keyframes(connection, run_id, record.telemetry.keyframes, ())
    if checkpoint is not None:
        write_checkpoint(
            connection, run_id, checkpoint.step, checkpoint.early_stopping, checkpoint.flat, record.trained
        )
        write_best(connection, run_id, checkpoint.early_stopping.best_flat)


def write_about(connection: sqlite3.Connection, about: About, widest: float) -> None:
    """Insert the row of a run, or update what training changes in it: a person may have changed the rest."""
    values = {**to_row(about), "widest": widest}
    updated = [column.name for column in columns_of(About) if column.writer is Writer.TRAINING] + ["widest"]
    connection.execute(
        f"INSERT INTO runs ({', '.join(values)}) VALUES ({', '.join('?' * len(values))}) "
        f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in updated)}",
        tuple(values.values()),
    )


def write_series(connection: sqlite3.Connection, run_id: str, arrays: Mapping[str, bytes]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO series (run, name, data) VALUES (?, ?, ?)",
        [(run_id, name, data) for name, data in arrays.items()],
    )


def write_events(connection: sqlite3.Connection, run_id: str, first: int, events: Iterable[Event]) -> None:
    """Write events, numbered from `first` on."""
    connection.executemany(
        "INSERT OR REPLACE INTO events (run, number, step, at, kind, body) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (run_id, number, event.step, event.at, event.kind, json.dumps(event.body, ensure_ascii=False))
            for number, event in enumerate(events, start=first)
        ],
    )


def write_keyframes(connection: sqlite3.Connection, run_id: str, new: Iterable[Keyframe], gone: Iterable[int]) -> None:
    """Write new keyframes, and delete those of the steps in `gone`."""
    connection.executemany("DELETE FROM keyframes WHERE run = ? AND step = ?", [(run_id, step) for step in gone])
    connection.executemany(
        "INSERT OR REPLACE INTO keyframes (run, step, halvings, flat, trained) VALUES (?, ?, ?, ?, ?)",
        [
            (
                run_id,
                each.step,
                each.halvings,
                to_bytes(each.flat),
                to_bytes(joined(each.trained)),
            )
            for each in new
        ],
    )


def write_checkpoint(
    connection: sqlite3.Connection,
    run_id: str,
    step: int,
    early_stopping: EarlyStopping,
    flat: Array,
    trained: Iterable[Array],
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO checkpoints (run, step, vigil, flat, trained) VALUES (?, ?, ?, ?, ?)",
        (
            run_id,
            step,
            json.dumps(pack_early_stopping(early_stopping)),
            to_bytes(flat),
            to_bytes(joined(trained)),
        ),
    )


def write_best(connection: sqlite3.Connection, run_id: str, flat: Array | None) -> None:
    """Write the parameters of the best epoch, if early stopping keeps them."""
    if flat is not None:
        connection.execute("INSERT OR REPLACE INTO best (run, flat) VALUES (?, ?)", (run_id, to_bytes(flat)))


def to_bytes(array: Array) -> bytes:
    """Return the bytes of an array, little-endian on every machine."""
    little: Any = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return bytes(little.tobytes())
