"""The table of all exports: names, file extensions, and the files of a stored run."""

from __future__ import annotations

from collections import Counter
from threading import Event, Thread

import pytest

from dashboard.commands.run_files import export_run
from dashboard.replay.exports import EXPORT_BY_EXTENSION, EXPORT_BY_NAME, EXPORTS, Source, copied_telemetry
from engine.runs.export import table, tables
from engine.runs.server.run import Run
from engine.runs.store.json_file import from_json, to_json
from engine.runs.store.store import Store
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run


def test_every_export_of_the_engine_is_in_the_table():
    assert set(EXPORTS) == {"replay", "run", *table.EXPORTS}


def test_no_two_exports_have_the_same_file_name():
    names = Counter((export.name_suffix, export.extension) for export in EXPORTS.values())
    assert set(names.values()) == {1}


def test_every_export_is_found_by_its_extension_or_by_its_name():
    found = [*EXPORT_BY_EXTENSION.values(), *EXPORT_BY_NAME.values()]
    assert Counter(map(id, found)) == Counter(map(id, EXPORTS.values()))
    assert set(EXPORT_BY_NAME) == {"costs", "data"}


def test_the_whole_run_is_the_stored_record(tmp_path):
    store = Store(tmp_path / "runs.sqlite")
    record = store.load(train_run(store, small()))
    source = Source(Run.from_record(record), lambda: record)
    assert EXPORTS["run"].make_content(source).decode() == to_json(record)
    export_run(record, tmp_path / "run.json")
    assert to_json(from_json((tmp_path / "run.json").read_text(encoding="utf-8"))) == to_json(record)


def test_an_export_waits_while_a_report_is_added(tmp_path):
    """A report changes several lists of the telemetry; without the lock the columns could differ in length."""
    store = Store(tmp_path / "runs.sqlite")
    record = store.load(train_run(store, small()))
    run = Run.from_record(record)
    contents: list[bytes] = []
    source = Source(run, lambda: record)
    thread = Thread(target=lambda: contents.append(EXPORTS["costs"].make_content(source)), daemon=True)
    with run.lock:
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(30)
    assert len(contents) == 1


def test_nobody_waits_for_the_lock_of_a_run_while_a_file_is_made_of_it(tmp_path, monkeypatch):
    store = Store(tmp_path / "runs.sqlite")
    record = store.load(train_run(store, small()))
    run = Run.from_record(record)
    making, seen = Event(), Event()
    csv_bytes = tables.csv_bytes

    def slow_csv_bytes(columns):
        making.set()
        assert seen.wait(60)
        return csv_bytes(columns)

    monkeypatch.setattr(tables, "csv_bytes", slow_csv_bytes)
    thread = Thread(target=EXPORTS["costs"].make_content, args=(Source(run, lambda: record),), daemon=True)
    thread.start()
    assert making.wait(60)
    assert run.lock.acquire(timeout=60)
    run.lock.release()
    seen.set()
    thread.join(60)


@pytest.mark.parametrize("name", ["series", "costs", "parquet", "npz", "program"])
def test_the_file_of_a_copied_telemetry_is_that_of_the_original(name, tmp_path):
    store = Store(tmp_path / "runs.sqlite")
    run = Run.from_record(store.load(train_run(store, small(), changes={7: {"l2": 0.5}})))
    expected = table.EXPORTS[name].make_content(run.initial_config, run.telemetry)
    assert table.EXPORTS[name].make_content(run.initial_config, copied_telemetry(run)) == expected
