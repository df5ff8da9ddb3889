"""Rows of the list of runs that are not valid runs: they are skipped and named, and can be deleted.

A row may be damaged by another program, by a failing disk, or by a version of Regscope with an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from engine.runs.store.columns import columns_of
from engine.runs.store.record import RUN_ID, About

ROW_KEY = "hex(CAST(id AS BLOB))"  # text for every id, also for one that is NULL, a number or not valid UTF-8
MAX_PROBLEM_LENGTH = 200  # characters


@dataclass(frozen=True)
class DamagedRun:
    """A row that is not a valid run.

    Attributes:
        key: its id for `Store.delete_damaged`, as hexadecimal digits. name: its id for messages.
        problem: the first column with an invalid value, and why the value is invalid.
    """

    key: str
    name: str
    problem: str


@dataclass(frozen=True)
class StoredRuns:
    """All rows of the list of runs, the newest first.

    Attributes:
        runs: the runs. deleted: the deleted runs that can be restored. damaged: the rows that are not valid runs.
    """

    runs: list[About]
    deleted: list[About]
    damaged: list[DamagedRun]


def split_rows(rows: Iterable[tuple[Any, ...]], read: Callable[[tuple[Any, ...]], About]) -> StoredRuns:
    """Sort rows into runs, deleted runs and damaged rows. A damaged row that was deleted is left out.

    Args:
        rows: `ROW_KEY`, then the columns of `About`, for each row.
        read: returns the run of a row without its key; raises `ValueError` for a damaged row.
    """
    stored = StoredRuns([], [], [])
    deletion_index = [column.name for column in columns_of(About)].index("deleted")
    for key, *cells in rows:
        try:
            about = read(tuple(cells))
        except ValueError as error:
            if not isinstance(cells[deletion_index], int | float):
                stored.damaged.append(DamagedRun(key, _display_id(cells[0]), str(error)[:MAX_PROBLEM_LENGTH]))
            continue
        (stored.runs if about.deleted is None else stored.deleted).append(about)
    return stored


def _display_id(value: object) -> str:
    """Return an id for messages; other values than ids are shortened and without control characters."""
    return str(value) if is_run_id(value) else repr(value)[:40]


def is_run_id(value: object) -> bool:
    """Return whether the id of a row is that of a run."""
    return isinstance(value, str) and RUN_ID.fullmatch(value) is not None
