"""The tables of the store, and the migration of files of older versions.

runs        one row per run; the columns of `engine.runs.store.record.About`, and the largest histogram limit
series      series and measurements: float64 arrays by name, see `engine.runs.store.packing`
events      states and live changes, in order
keyframes   weights at earlier steps
checkpoints the newest checkpoint of each run
best        the parameters of the best epoch, if early stopping is on
name_numbers  the last number of the default names with the same words, see `engine.runs.names`

The names of columns never change. Some differ from the names of the fields: `party` is `About.group`, and
`vigil` is the state of early stopping.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from engine.runs.names import name_stored_runs

APPLICATION_ID = 0x52455347  # "RESG", which identifies an SQLite file as a store of Regscope

# One script per version, which migrates from the previous version. A released script is never edited.
MIGRATIONS = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        config TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        pace REAL,
        step INTEGER NOT NULL,
        steps_per_epoch INTEGER NOT NULL,
        seconds REAL NOT NULL,
        widest REAL NOT NULL,
        figures TEXT NOT NULL,
        created REAL NOT NULL,
        updated REAL NOT NULL,
        origin TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        note TEXT NOT NULL DEFAULT '',
        tags TEXT NOT NULL DEFAULT '[]',
        party TEXT NOT NULL DEFAULT '',
        parent TEXT NOT NULL DEFAULT '',
        forked_at INTEGER,
        deleted REAL
    );
    CREATE INDEX runs_by_age ON runs (created);
    CREATE TABLE series (
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (run, name)
    );
    CREATE TABLE events (
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        step INTEGER NOT NULL,
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (run, number)
    );
    CREATE TABLE keyframes (
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        halvings INTEGER NOT NULL,
        flat BLOB NOT NULL,
        trained BLOB NOT NULL,
        PRIMARY KEY (run, step)
    );
    CREATE TABLE checkpoints (
        run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
        step INTEGER NOT NULL,
        vigil TEXT NOT NULL,
        flat BLOB NOT NULL,
        trained BLOB NOT NULL
    );
    CREATE TABLE best (
        run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
        flat BLOB NOT NULL
    );
    """,
    "ALTER TABLE keyframes ADD COLUMN rounded INTEGER NOT NULL DEFAULT 0",
    """
    ALTER TABLE runs ADD COLUMN default_name TEXT NOT NULL DEFAULT '';
    CREATE TABLE name_numbers (words TEXT PRIMARY KEY, last INTEGER NOT NULL)
    """,
    "ALTER TABLE checkpoints ADD COLUMN epoch_correct INTEGER",
)
# What a script cannot do, by its index: called after it, in the same transaction.
AFTER_MIGRATION: Mapping[int, Callable[[sqlite3.Connection], None]] = {2: name_stored_runs}
VERSION = len(MIGRATIONS)


class NewerVersion(Exception):
    """Raised if the file has a newer version than this program supports, with its number."""


class ForeignDatabase(Exception):
    """Raised if the file is a database of another program."""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit the block, or roll back if it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite may have rolled back already, for example when the disk is full
            connection.execute("ROLLBACK")
        raise


def create_or_migrate(connection: sqlite3.Connection) -> None:
    """Create the tables of a new file, or migrate older tables, in one transaction.

    Raises:
        NewerVersion, ForeignDatabase: for a file that this program must not change.
        sqlite3.Error: if the file cannot be written. The file is unchanged after every error.
    """
    if checked_version(connection) == VERSION:
        return
    with transaction(connection):
        # checked again, because another process may have created the tables
        for version in range(checked_version(connection), VERSION):
            for statement in MIGRATIONS[version].split(";"):
                connection.execute(statement)
            if version in AFTER_MIGRATION:
                AFTER_MIGRATION[version](connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")


def checked_version(connection: sqlite3.Connection) -> int:
    """Return the version of the tables of a file; 0 if there are no tables.

    Raises:
        NewerVersion, ForeignDatabase: for a file that this program must not change.
    """
    version, application, tables = _file_header(connection)
    if application == APPLICATION_ID:
        if version > VERSION:
            raise NewerVersion(version)
        return version
    if tables or application or version:
        raise ForeignDatabase
    return 0


def _file_header(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return the version, the application id and the number of tables of a file, read in one transaction.

    Without the transaction, another process could create the tables between two reads.
    """
    queries = ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
    own_transaction = not connection.in_transaction
    if own_transaction:
        connection.execute("BEGIN")
    try:
        version, application, tables = (int(connection.execute(query).fetchone()[0]) for query in queries)
    finally:
        if own_transaction and connection.in_transaction:
            connection.execute("ROLLBACK")
    return version, application, tables
