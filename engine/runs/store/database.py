"""Connections to the store's file, and their error messages.

No other module opens the file.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from engine.data.files.folders import home_folder, is_writable
from engine.errors import FieldError
from engine.runs.store import schema

FILE_NAME = "runs.sqlite"
BUSY_TIMEOUT = 5.0  # seconds to wait while another process writes; one write takes a few milliseconds
MAX_WAL_BYTES = 16 << 20  # SQLite truncates the write-ahead log to this size after a checkpoint


class StoreError(FieldError):
    """Raised if the store cannot be used.

    The message names the file, the reason and a remedy. The file is unchanged.
    """

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(str(path), problem)

    def __reduce__(self) -> tuple[type[StoreError], tuple[str, str]]:
        return type(self), (self.field, self.problem)


def store_path() -> Path:
    """Return the path of the store: in $REGSCOPE_HOME, or the platform's folder for user data."""
    return home_folder() / FILE_NAME


# the newest migrated copy of a file in a read-only folder, by the identity of the file
_migrated: dict[tuple[str | int, ...], sqlite3.Connection] = {}
_migrated_lock = threading.Lock()


@contextmanager
def open_for_reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a connection for reading. The store is empty if there is no file.

    Raises:
        StoreError: if the file cannot be read. SQLite errors inside the `with` block are converted, too.
    """
    with convert_store_errors(path):
        if not path.exists():
            with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
                schema.create_or_migrate(connection)
                yield connection
            return
        unchanging = not is_writable(path.parent)
        with closing(_connect(path, "ro&immutable=1" if unchanging else "ro")) as connection:
            if schema.checked_version(connection) == schema.VERSION:
                yield connection
            elif unchanging:
                with closing(_migrated_copy(connection, path)) as copy:
                    yield copy
            else:
                connection.close()
                with open_for_writing(path) as migrated:
                    yield migrated


@contextmanager
def open_for_writing(path: Path, timeout: float = BUSY_TIMEOUT) -> Iterator[sqlite3.Connection]:
    """Open a connection for writing; create or migrate the tables.

    Args:
        path: the file. timeout: seconds to wait while another process writes.

    Raises:
        StoreError: if the file cannot be written. SQLite errors inside the `with` block are converted, too.
    """
    with convert_store_errors(path), closing(connect_for_writing(path, timeout)) as connection:
        yield connection


def connect_for_writing(path: Path, timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """Open a connection for writing. The caller must close it.

    Raises:
        StoreError: if the folder is read-only. SQLite errors are not converted; see `convert_store_errors`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not is_writable(path.parent):
        raise StoreError(
            path, "cannot be written: its folder is read-only; set REGSCOPE_HOME to a folder you may write to"
        )
    connection = _connect(path, "rwc", timeout)
    try:
        _set_up_with_retries(connection, timeout)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up_with_retries(connection: sqlite3.Connection, timeout: float) -> None:
    """Set up a connection; retry while another process creates the file.

    SQLite's busy timeout does not cover this case.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            return _set_up(connection)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _set_up(connection: sqlite3.Connection) -> None:
    schema.checked_version(connection)  # raises before the file is changed
    # write-ahead log: readers never wait, and the file stays intact if a process ends while writing
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")  # a power failure may lose the last second
    connection.execute(f"PRAGMA journal_size_limit = {MAX_WAL_BYTES}")
    connection.execute("PRAGMA foreign_keys = ON")
    schema.create_or_migrate(connection)


@contextmanager
def convert_store_errors(path: Path) -> Iterator[None]:
    """Raise the errors of SQLite and of the operating system as `StoreError`."""
    try:
        yield
    except schema.NewerVersion as error:
        raise StoreError(
            path,
            f"was written by a newer Regscope (version {error} of its tables, this program supports {schema.VERSION}): "
            "update Regscope, or set REGSCOPE_HOME to another folder",
        ) from error
    except schema.ForeignDatabase as error:
        raise StoreError(
            path, "is a database of another program: move it away, or set REGSCOPE_HOME to another folder"
        ) from error
    except sqlite3.Error as error:
        raise StoreError(path, _describe_error(error)) from error
    except OSError as error:
        raise StoreError(
            path, f"cannot be used ({error.strerror or error}): set REGSCOPE_HOME to another folder"
        ) from error


def _describe_error(error: sqlite3.Error) -> str:
    text = str(error)
    code = getattr(error, "sqlite_errorname", "")
    if code.startswith("SQLITE_FULL"):
        return "cannot grow: the disk is full; free some space, then runs are saved again"
    if code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return (
            f"is damaged ({text}) and was left as it is: move it away, or set REGSCOPE_HOME to another folder; "
            "`sqlite3 runs.sqlite .recover` may recover a part of it"
        )
    if code.startswith("SQLITE_READONLY"):
        return f"cannot be written ({text}): make it writable, or set REGSCOPE_HOME to another folder"
    if code.startswith("SQLITE_BUSY"):
        return f"is being written by another program ({text}): try again"
    return f"cannot be used ({text}): set REGSCOPE_HOME to another folder"


def _migrated_copy(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Return a copy in memory with the tables of this version: the file of an older one is in a read-only folder.

    The newest copy is kept, because every reader needs one and a migration takes longer than a copy of it.
    """
    status = path.stat()
    key = (str(path.absolute()), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    with _migrated_lock:
        if key not in _migrated:
            migrated = _copy(connection)
            try:
                schema.create_or_migrate(migrated)
            except BaseException:
                migrated.close()
                raise
            for _, older in list(_migrated.items()):
                older.close()
            _migrated.clear()
            _migrated[key] = migrated
        return _copy(_migrated[key])


def _copy(connection: sqlite3.Connection) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    copy.text_factory = _decode_text
    try:
        connection.backup(copy)
    except BaseException:
        copy.close()
        raise
    return copy


def _connect(path: Path, mode: str, timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    # isolation_level None: only explicit transactions
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.text_factory = _decode_text
    return connection


def _decode_text(text: bytes) -> str:
    """Return a text cell. Bytes that are not UTF-8 become surrogates, which the checks of a row refuse.

    By default, SQLite would raise an error for all rows of the query.
    """
    return text.decode(errors="surrogateescape")
