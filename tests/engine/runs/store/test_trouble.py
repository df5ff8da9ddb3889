"""A store that cannot be used: a word for each trouble, what is there left alone, and training goes on."""

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
from tests.engine.runs.store.keeping import damaged, train_run
from tests.slowing import PATIENCE

ROOT = Path(__file__).parents[4]


def trains_although(store: Store, told: str) -> None:
    """A run of a server with this store is trained to its end and says why it is not kept."""
    manager = Manager(spare=False, store=store)
    try:
        run = manager.start(small())
        wait_for_state(run, states.FINISHED)
        assert run.telemetry.step == 40
        assert told in (run.telemetry.save_error or "")
        assert str(store.path) in run.telemetry.save_error
    finally:
        manager.close()


def refuses(store: Store, told: str) -> None:
    for use in (store.list, lambda: store.load("0" * 16), lambda: store.delete(["0" * 16])):
        with pytest.raises(StoreError, match=told) as caught:
            use()
        assert str(store.path) in str(caught.value)


def test_a_damaged_store_is_left_as_it_is(store):
    train_run(store, until=12)
    sqlite3.connect(store.path).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    content = damaged(store.path)
    refuses(store, "damaged.*move it away, or set REGSCOPE_HOME")
    trains_although(store, "is damaged")
    assert store.path.read_bytes() == content


def test_a_file_that_is_no_database_is_left_as_it_is(store):
    store.path.parent.mkdir()
    store.path.write_text("these are my notes, not a database\n" * 100)
    refuses(store, "damaged")
    trains_although(store, "is damaged")
    assert store.path.read_text().startswith("these are my notes")


def test_a_database_of_another_program_is_left_as_it_is(store):
    store.path.parent.mkdir()
    connection = sqlite3.connect(store.path)
    connection.execute("CREATE TABLE addresses (name TEXT)")
    connection.commit()
    connection.close()
    before = store.path.read_bytes()
    refuses(store, "another program.*move it away")
    trains_although(store, "another program")
    assert store.path.read_bytes() == before


def test_a_store_of_a_newer_version_is_left_as_it_is(store):
    run_id = train_run(store, until=12)
    connection = sqlite3.connect(store.path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = store.path.read_bytes()
    refuses(store, f"newer Regscope \\(version {schema.VERSION + 1}.*update Regscope")
    trains_although(store, "newer Regscope")
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
        trains_although(store, "read-only")
    finally:
        folder.chmod(0o755)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "runs.sqlite")
    trains_although(store, "set REGSCOPE_HOME")
    assert (tmp_path / "file").read_text() == "in the way"


FULL = """
import resource, sys
from pathlib import Path
from engine.runs.store.store import Store
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import work

store = Store(Path(sys.argv[1]))
size = store.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50_000, resource.RLIM_INFINITY))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import tests.engine.runs.store.keeping as keeping
from engine.runs.store.journal import Journal
told = []
write = Journal.write
def noted(self, *arguments):
    write(self, *arguments)
    told.append(self.save_error)
Journal.write = noted
work(store, small(hidden=(300,), epochs=3))
print(told[-1])
"""


def test_on_a_full_disk_a_run_is_trained_and_what_was_kept_before_stays(store):
    before = train_run(store)
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    whole = subprocess.run(
        [sys.executable, "-c", FULL, str(store.path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
        check=False,
    )
    assert whole.returncode == 0, whole.stderr
    assert str(store.path) in whole.stdout
    assert "full" in whole.stdout or "cannot be used" in whole.stdout
    assert [about.id for about in store.list() if about.state == states.FINISHED] == [before]
    assert store.load(before).checkpoint.step == 40
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_once_there_is_room_again_the_whole_run_is_kept(store, monkeypatch):
    monkeypatch.setattr(journal_module, "RETRY_INTERVAL", 0.0)
    store.path.parent.mkdir()
    store.path.write_text("in the way " * 1000)
    kept: list[str | None] = []
    write = journal_module.Journal.write

    def noted(self, *arguments):
        if len(kept) == 1:
            store.path.unlink()
        write(self, *arguments)
        kept.append(self.save_error)

    monkeypatch.setattr(journal_module.Journal, "write", noted)
    run_id = train_run(store, changes={20: {"l2": 0.0}}, until=30)
    assert "damaged" in kept[0]
    assert kept[-1] is None
    record = store.load(run_id)
    assert record.checkpoint.step == 30
    assert [snapshot.epoch for snapshot in record.telemetry.snapshots] == [0, 1, 2, 3]
    assert next(iter(record.telemetry.keyframes)).step == 0
