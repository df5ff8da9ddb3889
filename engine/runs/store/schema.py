"""The tables of the store, and how a file of an older version becomes one of this.

runs        a row a run: its config, how far it is, what a person wrote of it
series      lines and measurements: float64 arrays by name, as `engine.runs.store.packing` makes them
events      what happened, in order: states and live changes
keyframes   weights at moments of its past
checkpoints where it stands: the newest only
"""

from __future__ import annotations

import sqlite3

APPLICATION = 0x52455347  # "RESG": says that an SQLite file is a store of Regscope's

# One script for each version, from the one before; never edit one that was released.
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
)
VERSION = len(MIGRATIONS)


class Newer(Exception):
    """The file is of a newer version than this program knows: its number."""


class Stranger(Exception):
    """The file is an SQLite database, but not one of this program's."""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file, or bring those of an older version up to date, all or nothing.

    Raises:
        Newer, Stranger: and the file is left as it is. sqlite3.Error: as SQLite does.
    """
    if check(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for version in range(check(connection), VERSION):  # once more: another process may have been first
            for statement in MIGRATIONS[version].split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def check(connection: sqlite3.Connection) -> int:
    """The version of a file's tables; 0 where it has none yet.

    Raises:
        Newer, Stranger: for a file that this program must not touch.
    """
    version, application, tables = _said(connection)
    if application == APPLICATION:
        if version > VERSION:
            raise Newer(version)
        return version
    if tables or application or version:
        raise Stranger
    return 0


def _said(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """What a file says of itself: version, program and number of tables, all of one moment.

    Another process may be making the tables: half of the answer from before and half from after is a stranger's.
    """
    asked = ("PRAGMA user_version", "PRAGMA application_id", "SELECT count(*) FROM sqlite_master")
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")
    try:
        version, application, tables = (int(connection.execute(words).fetchone()[0]) for words in asked)
    finally:
        if alone and connection.in_transaction:
            connection.execute("ROLLBACK")
    return version, application, tables
