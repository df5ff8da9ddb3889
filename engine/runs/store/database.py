"""Connections to the file of the store, and its errors in words. Nothing else opens the file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from engine.data.files.folders import home_folder, writable
from engine.errors import FieldError
from engine.runs.store import schema

FILE_NAME = "runs.sqlite"
BUSY_TIMEOUT = 5.0  # seconds to wait while another process writes: each of them takes a few milliseconds
MAX_WAL_BYTES = 16 << 20  # of the log beside the file, once its content was moved into the file


class StoreError(FieldError):
    """The store cannot be used: which file, why, and the way out. Its content is unchanged."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(str(path), problem)

    def __reduce__(self) -> tuple[type[StoreError], tuple[str, str]]:
        return type(self), (self.field, self.problem)


def store_path() -> Path:
    """Return the store of this machine: in $REGSCOPE_HOME, or the platform's folder for user data."""
    return home_folder() / FILE_NAME


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a connection to read; to an empty store if there is no file yet.

    Raises:
        StoreError: when the file cannot be read, also from within.
    """
    with as_store_errors(path):
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
    """Open a connection to write; its tables are made or migrated.

    Raises:
        StoreError: when the file cannot be written, also from within.
    """
    with as_store_errors(path), closing(open_to_write(path)) as connection:
        yield connection


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open a connection to write, for the caller to close.

    Raises:
        StoreError: when the folder is read-only. Other errors are those of SQLite; see `as_store_errors`.
    """
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
    """Set a connection up, and wait while another process makes the same new file; SQLite does not wait then."""
    end = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            return _set_up(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _set_up(connection: sqlite3.Connection) -> None:
    schema.check(connection)  # before anything is changed in it
    # write-ahead: readers never wait, and a process that dies while writing leaves the file intact
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # a process that dies loses nothing, a power cut the last second
    connection.execute(f"PRAGMA journal_size_limit = {MAX_WAL_BYTES}")
    connection.execute("PRAGMA foreign_keys = ON")
    schema.prepare(connection)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write everything within the block, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # if the disk is full, SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise


@contextmanager
def as_store_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system raise into a `StoreError`."""
    try:
        yield
    except schema.NewerVersion as error:
        raise StoreError(
            path,
            f"was written by a newer Regscope (version {error} of its tables, this program knows {schema.VERSION}): "
            "update Regscope, or set REGSCOPE_HOME to another folder",
        ) from error
    except schema.ForeignDatabase as error:
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
    # isolation_level None: only explicit transactions
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,
    )
