"""The one door to the store's file: connections, and what can be wrong with them, in words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from engine.data.folders import home_folder, writable
from engine.errors import FieldError
from engine.runs.store import schema

NAME = "runs.sqlite"
PATIENCE = 5.0  # seconds to wait while another process writes: each of them takes a few milliseconds
WAL_ROOM = 16 << 20  # bytes that the log beside the file may keep once it has been taken over


class StoreError(FieldError):
    """The store cannot be used: which file, why, and the way out. What is in it has been left alone."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(str(path), problem)

    def __reduce__(self) -> tuple[type[StoreError], tuple[str, str]]:
        return type(self), (self.field, self.problem)


def store_path() -> Path:
    """The store of this machine: in $REGSCOPE_HOME, or the platform's folder for user data."""
    return home_folder() / NAME


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to read with. Where there is no file yet, to an empty store.

    Raises:
        StoreError: when the file cannot be read, also from within.
    """
    with in_words(path):
        if not path.exists():
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
                schema.prepare(connection)
                yield connection
            return
        with closing(_connect(path, "ro" if writable(path.parent) else "ro&immutable=1")) as connection:
            if schema.check(connection) < schema.VERSION:
                connection.close()
                with writing(path) as migrated:
                    yield migrated
                return
            yield connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to write with, its tables made or brought up to date.

    Raises:
        StoreError: when the file cannot be written, also from within.
    """
    with in_words(path), closing(open_to_write(path)) as connection:
        yield connection


def open_to_write(path: Path) -> sqlite3.Connection:
    """The same, to keep and to close; what is wrong comes as it is, for `in_words`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not writable(path.parent):
        raise StoreError(
            path, "cannot be written: its folder is read-only; set REGSCOPE_HOME to a folder you may write to"
        )
    connection = _connect(path, "rwc")
    try:
        _set_up_patiently(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up_patiently(connection: sqlite3.Connection) -> None:
    """Set a connection up; where others are making the same new file, SQLite does not wait by itself."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return _set_up(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _set_up(connection: sqlite3.Connection) -> None:
    schema.check(connection)  # before anything is changed in it
    # write-ahead: readers never wait, and a process that dies in mid-write leaves the file whole
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # a lost process loses nothing; lost power the last second
    connection.execute(f"PRAGMA journal_size_limit = {WAL_ROOM}")
    connection.execute("PRAGMA foreign_keys = ON")
    schema.prepare(connection)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is written within, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # where the disk is full SQLite has gone back by itself
            connection.execute("ROLLBACK")
        raise


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system raise into a `StoreError`."""
    try:
        yield
    except schema.Newer as error:
        raise StoreError(
            path,
            f"was written by a newer Regscope (version {error} of its tables, this program knows {schema.VERSION}): "
            "update Regscope, or set REGSCOPE_HOME to another folder",
        ) from error
    except schema.Stranger as error:
        raise StoreError(
            path, "is a database of another program: move it away, or set REGSCOPE_HOME to another folder"
        ) from error
    except sqlite3.Error as error:
        raise StoreError(path, _problem(error)) from error
    except OSError as error:
        raise StoreError(
            path, f"cannot be used ({error.strerror or error}): set REGSCOPE_HOME to another folder"
        ) from error


def _problem(error: sqlite3.Error) -> str:
    text = str(error)
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith("SQLITE_FULL"):
        return "cannot grow: the disk is full; make room, and what comes then is kept again"
    if code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return (
            f"is damaged ({text}) and was left as it is: move it away, or set REGSCOPE_HOME to another folder; "
            "`sqlite3 runs.sqlite .recover` may read what is left of it"
        )
    if code.startswith("SQLITE_READONLY"):
        return f"cannot be written ({text}): make it writable, or set REGSCOPE_HOME to another folder"
    if code.startswith("SQLITE_BUSY"):
        return f"is being written by another program ({text}): try again"
    return f"cannot be used ({text}): set REGSCOPE_HOME to another folder"


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    # isolation_level None: transactions begin and end where they are written down, and nowhere else
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
    )
