"""A store that cannot be used: an error for each reason, the file is not changed, and training continues."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.store import journal as journal_module
from engine.runs.store import schema
from engine.runs.store.database import StoreError
from engine.runs.store.store import Store
from tests.engine.runs.driving import small, wait_for_state
from tests.engine.runs.store.keeping import overwrite_half, train_run
from tests.slowing import PATIENCE

ROOT = Path(__file__).parents[4]


def assert_trains_with_error(store: Store, message: str) -> None:
    """Assert that a run trains to its end and has the reason why it is not saved."""
    manager = Manager(spare=False, store=store)
    try:
        run = manager.start(small())
        wait_for_state(run, states.FINISHED)
        assert run.telemetry.step == 40
        assert message in (run.telemetry.save_error or "")
        assert str(store.path) in run.telemetry.save_error
    finally:
        manager.close()


def assert_refused(store: Store, message: str) -> None:
    """Assert that reading and writing raise an error with `message` and the path."""
    for use in (store.list, lambda: store.load("0" * 16), lambda: store.delete(["0" * 16])):
        with pytest.raises(StoreError, match=message) as caught:
            use()
        assert str(store.path) in str(caught.value)


def test_a_damaged_store_is_not_changed(store):
    train_run(store, until=12)
    sqlite3.connect(store.path).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    content = overwrite_half(store.path)
    assert_refused(store, "damaged.*move it away, or set REGSCOPE_HOME")
    assert_trains_with_error(store, "is damaged")
    assert store.path.read_bytes() == content


def test_a_file_that_is_not_a_database_is_not_changed(store):
    store.path.parent.mkdir()
    store.path.write_text("these are my notes, not a database\n" * 100)
    assert_refused(store, "damaged")
    assert_trains_with_error(store, "is damaged")
    assert store.path.read_text().startswith("these are my notes")


def test_a_database_of_another_program_is_not_changed(store):
    store.path.parent.mkdir()
    connection = sqlite3.connect(store.path)
    connection.execute("CREATE TABLE addresses (name TEXT)")
    connection.commit()
    connection.close()
    before = store.path.read_bytes()
    assert_refused(store, "another program.*move it away")
    assert_trains_with_error(store, "another program")
    assert store.path.read_bytes() == before


def test_a_store_of_a_newer_version_is_not_changed(store):
    run_id = train_run(store, until=12)
    connection = sqlite3.connect(store.path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = store.path.read_bytes()
    assert_refused(store, f"newer Regscope \\(version {schema.VERSION + 1}.*update Regscope")
    assert_trains_with_error(store, "newer Regscope")
    assert store.path.read_bytes() == before
    connection = sqlite3.connect(store.path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION}")
    connection.close()
    assert store.load(run_id) is not None


def test_a_store_in_a_read_only_folder_is_read_and_not_written(store):
    run_id = train_run(store, until=12)
    folder = store.path.parent
    folder.chmod(0o555)
    try:
        assert [about.id for about in store.list()] == [run_id]
        assert store.load(run_id).checkpoint.step == 12
        with pytest.raises(StoreError, match="read-only; set REGSCOPE_HOME"):
            store.set_description(run_id, name="new")
        assert_trains_with_error(store, "read-only")
    finally:
        folder.chmod(0o755)


def test_a_folder_that_cannot_be_created_is_reported(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "runs.sqlite")
    assert_trains_with_error(store, "set REGSCOPE_HOME")
    assert (tmp_path / "file").read_text() == "in the way"


FULL_DISK_SCRIPT = """
import resource, sys
from pathlib import Path
from engine.runs.store.store import Store
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run

store = Store(Path(sys.argv[1]))
size = store.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50_000, resource.RLIM_INFINITY))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import tests.engine.runs.store.keeping as keeping
from engine.runs.store.journal import Journal
errors = []
write = Journal.write
def recorded_write(self, *arguments):
    write(self, *arguments)
    errors.append(self.save_error)
Journal.write = recorded_write
train_run(store, small(hidden=(300,), epochs=3))
print(errors[-1])
"""


def test_on_a_full_disk_a_run_trains_and_earlier_runs_stay_readable(store):
    before = train_run(store)
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    process = subprocess.run(
        [sys.executable, "-c", FULL_DISK_SCRIPT, str(store.path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert str(store.path) in process.stdout
    assert "full" in process.stdout or "cannot be used" in process.stdout
    assert [about.id for about in store.list() if about.state == states.FINISHED] == [before]
    assert store.load(before).checkpoint.step == 40
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_the_whole_run_is_saved_when_the_store_can_be_used_again(store, monkeypatch):
    monkeypatch.setattr(journal_module, "RETRY_INTERVAL", 0.0)
    store.path.parent.mkdir()
    store.path.write_text("in the way " * 1000)
    errors: list[str | None] = []
    write = journal_module.Journal.write

    def recorded_write(self, *arguments):
        if len(errors) == 1:
            store.path.unlink()
        write(self, *arguments)
        errors.append(self.save_error)

    monkeypatch.setattr(journal_module.Journal, "write", recorded_write)
    run_id = train_run(store, changes={20: {"l2": 0.0}}, until=30)
    assert "damaged" in errors[0]
    assert errors[-1] is None
    record = store.load(run_id)
    assert record.checkpoint.step == 30
    assert [snapshot.epoch for snapshot in record.telemetry.snapshots] == [0, 1, 2, 3]
    assert next(iter(record.telemetry.keyframes)).step == 0
