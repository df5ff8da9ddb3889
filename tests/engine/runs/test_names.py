"""Runs without a name of their user are named after their settings, with a number that no other run has."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest

from engine import RunConfig
from engine.data import keep, own, read_csv
from engine.runs import names, states
from engine.runs.history.telemetry import Telemetry
from engine.runs.names import display_name, name_words, numbered_name
from engine.runs.server.manager import Manager
from engine.runs.store import schema
from engine.runs.store.json_file import from_json, import_record, to_json
from engine.runs.store.record import About, Record
from engine.runs.store.store import Store
from tests.engine.data.own_files import flowers
from tests.engine.runs.driving import small as small_with_dropout
from tests.engine.runs.store.keeping import train_run
from tests.processes import wait_until


def small(**fields: float) -> RunConfig:
    """A short run on digits with no regularizer but those given."""
    return small_with_dropout(**{"l2": 0.0, "drop_probability": 0.0, **fields})


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "runs.sqlite")


def start(store: Store, *configs: RunConfig) -> list[str]:
    """Train runs to their end in a server that is then stopped; return their names on its page."""
    manager = Manager(spare=False, store=store)
    try:
        runs = [manager.start(config) for config in configs]
        wait_until(lambda: all(run.state == states.FINISHED for run in runs))
        return [display_name(run) for run in runs]
    finally:
        manager.close()


def stored_names(store: Store) -> list[str]:
    """Return the names in the list of runs, the oldest first."""
    return [display_name(about) for about in reversed(store.list())]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (RunConfig(dataset="digits"), "No regularization · digits"),
        (RunConfig(dataset="mnist", l2=5.0), "L2 λ 5 · mnist"),
        (RunConfig(dataset="moons", drop_probability=0.5), "Dropout ½ · moons"),
        (RunConfig(dataset="digits", l1=0.1, drop_probability=0.25), "L1 λ 0.1, dropout ¼ · digits"),
        (RunConfig(dataset="own:0123456789abcdef"), "No regularization · own data"),
        (RunConfig(dataset="x" * 500), f"No regularization · {'x' * 39}…"),
    ],
)
def test_the_words_are_the_regularizer_and_the_data_set(config, words):
    assert name_words(config) == words


def test_equal_settings_are_numbered_and_other_settings_have_numbers_of_their_own(store):
    names = start(store, small(l2=1.0), small(l2=2.0), small(l2=1.0))
    assert names == ["L2 λ 1 · digits · 1", "L2 λ 2 · digits · 1", "L2 λ 1 · digits · 2"]


def test_names_are_the_same_after_a_restart_and_never_used_again(store):
    before = start(store, small(), small())
    assert stored_names(store) == before
    store.delete([store.list()[0].id])
    assert store.delete_for_good() == 1
    assert start(store, small()) == ["No regularization · digits · 3"]
    assert stored_names(store) == [before[0], "No regularization · digits · 3"]


def test_a_name_of_the_user_is_shown_and_without_it_the_old_one_again(store):
    start(store, small())
    run_id = store.list()[0].id
    store.set_description(run_id, name="mine")
    assert stored_names(store) == ["mine"]
    store.set_description(run_id, name="")
    assert stored_names(store) == ["No regularization · digits · 1"]


def test_two_processes_never_get_the_same_number(store):
    """Each reserves 40 numbers while the other does."""
    program = (
        "import sys; from pathlib import Path; from engine.runs.store.store import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for _ in range(40): print(store.reserve_number('words'))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(store.path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    numbers = [int(line) for process in processes for line in process.communicate()[0].split()]
    assert all(process.returncode == 0 for process in processes)
    assert sorted(numbers) == list(range(1, 81))


def test_a_run_on_a_server_without_a_store_has_a_number(store):
    manager = Manager(spare=False)
    try:
        assert [manager.start(small()).default_name for _ in range(2)] == [
            "No regularization · digits · 1",
            "No regularization · digits · 2",
        ]
    finally:
        manager.close()


def test_a_store_that_cannot_be_written_delays_no_start_and_gives_other_numbers(store):
    assert store.reserve_number("No regularization · digits", 7) == 7
    manager = Manager(spare=False, store=store)
    writer = sqlite3.connect(store.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        assert [manager.persistence.new_default_name(small()) for _ in range(2)] == [
            "No regularization · digits · 8",
            "No regularization · digits · 9",
        ]
        writer.execute("ROLLBACK")
        assert manager.persistence.new_default_name(small()) == "No regularization · digits · 10"
        assert store.last_number("No regularization · digits") == 10
    finally:
        writer.close()
        manager.close()


def test_a_number_that_could_not_be_reserved_is_reserved_with_the_row(store):
    """Another process writes while the run starts, and a second server starts a run after that."""
    assert store.reserve_number("No regularization · digits", 7) == 7
    writer = sqlite3.connect(store.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    manager = Manager(spare=False, store=store)
    try:
        run = manager.start(small())
        assert run.default_name == "No regularization · digits · 8"
        writer.execute("ROLLBACK")
        wait_until(lambda: run.state == states.FINISHED and store.load_about(run.id) is not None)
    finally:
        writer.close()
        manager.close()
    assert start(Store(store.path), small()) == ["No regularization · digits · 9"]


def test_a_queued_run_reserves_its_number_when_it_is_saved(store):
    record = Record(
        About(id="a" * 16, initial_config=small(), default_name="No regularization · digits · 5"), Telemetry()
    )
    store.save_queued(record)
    assert store.last_number("No regularization · digits") == 5
    about = replace(record.about, default_name="L2 λ 1 · digits · 3")
    store.save_queued(replace(record, about=about))
    assert (store.last_number("L2 λ 1 · digits"), store.load_about("a" * 16).default_name[-1]) == (3, "3")
    assert store.reserve_number("No regularization · digits") == 6


def test_a_run_that_is_changed_before_its_first_update_gets_the_name_of_its_settings(store):
    manager = Manager(cap=1, spare=False, store=store)
    try:
        manager.start(small(epochs=100_000))
        queued = manager.start(small(l2=1.0))
        manager.change(queued, l2=2.0)
        assert display_name(queued) == "L2 λ 2 · digits · 1"
        stored = store.load_about(queued.id)
        assert (stored.default_name, stored.initial_config.l2) == ("L2 λ 2 · digits · 1", 2.0)
    finally:
        manager.close()


def test_a_change_of_a_queued_run_leaves_what_the_user_wrote(store):
    manager = Manager(cap=1, spare=False, store=store)
    try:
        manager.start(small(epochs=100_000))
        queued = manager.start(small(l2=1.0))
        store.set_description(queued.id, name="mine", note="a note", tags=["one", "two"])
        manager.change(queued, l2=2.0, learning_rate=0.25)
        stored = store.load_about(queued.id)
        assert (stored.name, stored.note, stored.tags) == ("mine", "a note", ("one", "two"))
        assert (stored.default_name, stored.initial_config) == ("L2 λ 2 · digits · 1", queued.initial_config)
    finally:
        manager.close()


def test_a_change_that_leaves_the_words_of_the_name_uses_no_number(store):
    manager = Manager(cap=1, spare=False, store=store)
    try:
        manager.start(small(epochs=100_000))
        queued = manager.start(small(l2=1.0))
        manager.change(queued, learning_rate=0.25)
        assert (queued.default_name, store.last_number("L2 λ 1 · digits")) == ("L2 λ 1 · digits · 1", 1)
        assert store.load_about(queued.id).initial_config.learning_rate == 0.25
    finally:
        manager.close()


def test_a_run_that_starts_while_its_name_is_reserved_keeps_the_name_of_its_worker(store, monkeypatch):
    """Its settings are the new ones, in memory and in the file."""
    manager = Manager(cap=1, spare=False, store=store)
    reserve = manager.persistence.new_default_name
    try:
        first = manager.start(small(epochs=100_000))
        queued = manager.start(small(l2=1.0))

        def reserve_slowly(config):
            manager.stop(first)
            wait_until(lambda: queued.started)
            return reserve(config)

        monkeypatch.setattr(manager.persistence, "new_default_name", reserve_slowly)
        manager.change(queued, l2=2.0)
        wait_until(lambda: queued.state == states.FINISHED)
        assert queued.default_name == "L2 λ 1 · digits · 1"
        wait_until(lambda: store.load_about(queued.id).state == states.FINISHED)
        stored = store.load_about(queued.id)
        assert (stored.default_name, stored.initial_config.l2) == ("L2 λ 1 · digits · 1", 2.0)
    finally:
        manager.close()


def test_a_change_during_training_leaves_the_name(store):
    train_run(store, small(l2=1.0), changes={3: {"l2": 0.0}})
    run_id = store.list()[0].id
    manager = Manager(spare=False, store=store)
    try:
        run = manager.get(run_id)
        assert run.current_config.l2 == 0.0
        assert display_name(run).startswith("L2 λ 1 · digits")
    finally:
        manager.close()


def test_an_imported_run_of_a_data_set_with_a_long_name_is_listed(store):
    """Its file may have any text there."""
    config = RunConfig(dataset="x" * 500, l1=0.123456, l2=0.123456, drop_probability=0.123)
    record = Record(About(id="a" * 16, initial_config=config, state=states.FINISHED, created=1.0), Telemetry())
    run_id, _ = import_record(store, record)
    stored = store.list_all()
    assert ([about.id for about in stored.runs], stored.damaged) == ([run_id], [])
    assert stored.runs[0].default_name.endswith(f"{'x' * 39}… · 1")


def test_the_words_leave_room_for_the_number(monkeypatch):
    monkeypatch.setattr(names, "regularizer_text", lambda config: "r" * 500)
    words = name_words(RunConfig())
    assert len(numbered_name(words, 10**14)) <= names.MAX_DEFAULT_NAME_LENGTH
    assert words.endswith("r…")


def test_an_imported_run_gets_a_number_of_this_store(store, tmp_path):
    start(store, small())
    text = to_json(store.load(store.list()[0].id))
    other = Store(tmp_path / "other.sqlite")
    start(other, small())
    run_id, outcome = import_record(other, from_json(text))
    assert (other.load_about(run_id).default_name, outcome) == ("No regularization · digits · 2", "was imported")
    again, outcome = import_record(other, from_json(text))
    assert (other.load_about(again).default_name, outcome) == ("No regularization · digits · 2", "is already stored")


def write_older_store(store: Store, configs: dict[str, str]) -> None:
    """Write a file with the tables of the version without default names. `configs`: by id, the oldest first."""
    connection = sqlite3.connect(store.path, isolation_level=None)
    for script in schema.MIGRATIONS[:2]:
        connection.executescript(script)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 2")
    for created, (run_id, text) in enumerate(configs.items(), start=1):
        connection.execute(
            "INSERT INTO runs (id, config, state, step, steps_per_epoch, seconds, widest, figures, created, updated,"
            " origin) VALUES (?, ?, 'finished', 0, 0, 0.0, 0.0, '{}', ?, 0.0, 'page')",
            (run_id, text, float(created)),
        )
    connection.close()


def test_the_runs_of_an_older_store_with_own_data_open_its_file_once(store, tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path / "data"))
    name, read, opened = keep(read_csv(flowers(50), title="Flowers")), own._read_description, []
    monkeypatch.setattr(own, "_read_description", lambda path: opened.append(path) or read(path))
    write_older_store(store, {f"{i:016x}": json.dumps({"l2": 1.0, "dataset": name}) for i in range(30)})
    assert {about.default_name for about in store.list()} == {f"L2 λ 1 · Flowers · {i}" for i in range(1, 31)}
    assert len(opened) == 1


def test_an_older_store_in_a_read_only_folder_is_migrated_once(tmp_path, monkeypatch):
    store = Store(tmp_path / "home" / "runs.sqlite")
    store.path.parent.mkdir()
    write_older_store(store, {"a" * 16: json.dumps({"l2": 1.0})})
    before, migrated, migrate = store.path.read_bytes(), [], schema.name_stored_runs
    monkeypatch.setattr(
        schema, "AFTER_MIGRATION", {2: lambda connection: migrated.append(connection) or migrate(connection)}
    )
    store.path.parent.chmod(0o555)
    try:
        for _ in range(3):
            assert [about.default_name for about in store.list()] == ["L2 λ 1 · digits · 1"]
        assert (len(migrated), store.path.read_bytes()) == (1, before)
        store.path.parent.chmod(0o755)
        store.path.unlink()
        write_older_store(store, {f"{i:016x}": json.dumps({"l2": 1.0}) for i in range(50)})  # another file
        store.path.parent.chmod(0o555)
        assert (len(store.list()), len(migrated)) == (50, 2)
    finally:
        store.path.parent.chmod(0o755)


def test_a_run_of_an_older_store_with_a_long_data_set_name_is_not_damaged(store):
    write_older_store(store, {"a" * 16: json.dumps({"dataset": "x" * 500})})
    assert [about.default_name for about in store.list()] == [f"No regularization · {'x' * 39}… · 1"]


def test_runs_of_an_older_store_are_numbered_by_their_age(store):
    """The tables are those of the previous version; one row has no valid settings."""
    config = '{"l2": 1.0, "dataset": "digits"}'
    write_older_store(store, {"a" * 16: config, "b" * 16: config, "c" * 16: "{"})
    assert [(about.id[0], about.default_name) for about in store.list()] == [
        ("b", "L2 λ 1 · digits · 2"),
        ("a", "L2 λ 1 · digits · 1"),
    ]
    assert store.reserve_number("L2 λ 1 · digits") == 3


def test_a_worker_without_a_server_numbers_its_run_itself(store):
    """It is a run of `regscope train`."""
    for _ in range(2):
        train_run(store, small(l2=1.0))
    assert [about.default_name[-1] for about in store.list()] in (["1", "2"], ["2", "1"])


def test_a_row_without_a_default_name_is_named_by_its_words():
    """A worker of an older Regscope may write into the migrated file."""
    assert display_name(About(id="a" * 16, initial_config=RunConfig(l2=1.0))) == "L2 λ 1 · digits"


def test_a_queued_fork_is_saved_with_its_names(store):
    manager = Manager(cap=1, spare=False, store=store)
    try:
        parent = manager.start(small())
        wait_until(lambda: parent.state == states.FINISHED)
        manager.start(small(epochs=100_000))
        (fork,) = manager.fork(parent, 20, [{}], names=["unchanged"])
        assert fork.state == states.QUEUED
        stored = store.load_about(fork.id)
        assert (stored.name, stored.default_name) == ("unchanged", fork.default_name)
    finally:
        manager.close()
