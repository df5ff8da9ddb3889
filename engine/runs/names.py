"""Names of runs. A run that its user has not named is named after its settings: "Dropout ½ · digits · 2"."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from typing import Protocol

from engine.analysis.regularizers import regularizer_text
from engine.config import RunConfig
from engine.data.catalogue import dataset_title

SEPARATOR = " · "
NUMBERED_NAME = re.compile(rf"(?P<words>.+){SEPARATOR}(?P<number>[1-9][0-9]{{0,14}})", re.DOTALL)
MAX_DEFAULT_NAME_LENGTH = 300  # characters: all regularizers at once, the data set and the number
MAX_WORDS_LENGTH = MAX_DEFAULT_NAME_LENGTH - 20  # characters without the number


class Named(Protocol):
    """A run with a name: a `Run` of a server or an `About` of the store."""

    @property
    def name(self) -> str: ...
    @property
    def default_name(self) -> str: ...
    @property
    def initial_config(self) -> RunConfig: ...


def display_name(run: Named) -> str:
    """Return the name that the user gave, or else the default name."""
    return run.name or run.default_name or name_words(run.initial_config)


def name_words(config: RunConfig) -> str:
    """Return the default name without its number: "Dropout ½ · digits"."""
    regularizers = regularizer_text(config)
    words = f"{regularizers[0].upper()}{regularizers[1:]}{SEPARATOR}{dataset_title(config.dataset, short=True)}"
    return words if len(words) <= MAX_WORDS_LENGTH else f"{words[: MAX_WORDS_LENGTH - 1]}…"


def numbered_name(words: str, number: int) -> str:
    """Return a default name. The number is different for runs with the same words in one store."""
    return f"{words}{SEPARATOR}{number}"


def reserve_number(connection: sqlite3.Connection, words: str, at_least: int = 1) -> int:
    """Return the next number for a default name with these words; it is never returned again.

    Args:
        connection: a connection in a transaction. words: see `name_words`. at_least: the smallest number to return.
    """
    connection.execute(
        "INSERT INTO name_numbers (words, last) VALUES (?, ?) "
        "ON CONFLICT (words) DO UPDATE SET last = max(last + 1, excluded.last)",
        (words, at_least),
    )
    return last_number(connection, words)


def mark_number_as_used(connection: sqlite3.Connection, default_name: str) -> None:
    """Reserve the number in a default name that was made while the file could not be written."""
    if (match := NUMBERED_NAME.fullmatch(default_name)) is not None:
        connection.execute(
            "INSERT INTO name_numbers (words, last) VALUES (?, ?) "
            "ON CONFLICT (words) DO UPDATE SET last = max(last, excluded.last)",
            (match["words"], int(match["number"])),
        )


def last_number(connection: sqlite3.Connection, words: str) -> int:
    """Return the last number that was reserved for a default name with these words; 0 if there is none."""
    row = connection.execute("SELECT last FROM name_numbers WHERE words = ?", (words,)).fetchone()
    return int(row[0]) if row else 0


def name_stored_runs(connection: sqlite3.Connection) -> None:
    """Give every stored run its default name, the oldest first. Rows that are not valid runs are left as they are."""
    counts: Counter[str] = Counter()
    rows = connection.execute("SELECT rowid, CAST(config AS BLOB) FROM runs ORDER BY created, id").fetchall()
    for row_id, config in rows:
        try:
            words = name_words(RunConfig.from_dict(json.loads(config)))
        except (ValueError, TypeError, RecursionError):
            continue
        counts[words] += 1
        name = numbered_name(words, counts[words])
        connection.execute("UPDATE runs SET default_name = ? WHERE rowid = ?", (name, row_id))
    connection.executemany("INSERT INTO name_numbers (words, last) VALUES (?, ?)", counts.items())
