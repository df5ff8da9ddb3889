"""The store: runs that a worker has written can be read completely by other processes."""

from __future__ import annotations

import io
import math
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine import FieldError, RunConfig, Training, dataset_of, select
from engine.config import MAX_LAYERS
from engine.learning.checkpoint import config_at
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Command, RunSetup, Verb
from engine.runs.store import database, training_lock
from engine.runs.store import journal as journal_module
from engine.runs.store import store as store_module
from engine.runs.store.database import StoreError
from engine.runs.store.packing import MAX_SERIES, pack, unpack
from engine.runs.store.record import About, Record, metrics_of, new_id
from engine.runs.store.store import RESTORE_SECONDS, Store
from engine.runs.store.training_lock import hold_lock
from engine.runs.worker.worker import Worker
from tests.engine.runs.driving import Clock, InMemoryWorker, small
from tests.engine.runs.store.keeping import CHANGES, assert_same_run, train_run


def test_reading_a_missing_file_gives_no_runs_and_creates_no_file(store):
    assert store.list() == []
    assert store.load("0" * 16) is None
    assert store.nbytes() == 0
    assert not store.path.exists()


@pytest.mark.parametrize(
    "config",
    [
        small(),
        small(hidden=(), drop_probability=0.0),
        small(hidden=(8, 5), dtype="float64", l1=0.5, l1_rule="proximal", max_norm=1.0),
        small(epochs=20, stop_on="accuracy", patience=2, halve_after=1),
        small(label_noise=0.0, dataset="moons", train_size=50),
    ],
    ids=["default", "no hidden layer", "two layers, float64", "early stopping", "moons"],
)
def test_a_loaded_run_equals_a_headless_training(store, config):
    record = store.load(train_run(store, config))
    training = Training(config, select(config, dataset_of(config)))
    snapshots = [training.measure()]
    while not training.finished:
        training.run(training.steps_per_epoch)
        snapshots.append(training.end_epoch())
    assert record.about.initial_config == config
    assert record.about.state == states.FINISHED
    assert record.about.reason == training.early_stopping.stopped
    assert record.telemetry.snapshots == snapshots
    assert record.about.metrics["judge_accuracy"] == snapshots[-1].evaluation.accuracy
    assert record.about.metrics["best_accuracy"] == max(each.evaluation.accuracy for each in snapshots[1:])
    np.testing.assert_array_equal(record.checkpoint.flat, training.parameters.flat)
    assert record.checkpoint.early_stopping.waited == training.early_stopping.waited
    if config.stop_on != "never":
        np.testing.assert_array_equal(record.checkpoint.early_stopping.best_flat, training.best_parameters.flat)
    np.testing.assert_array_equal(record.telemetry.mini_batch_cost.line()[1], training.take_costs())


def test_stored_telemetry_equals_the_telemetry_in_memory(store):
    config = small(epochs=30)
    stored = store.load(train_run(store, config)).telemetry
    in_memory = InMemoryWorker(config)
    in_memory.command("resume")
    in_memory.advance_to(300)
    live = in_memory.telemetry()
    assert stored.epochs.keys() == live.epochs.keys()
    assert stored.over_time.keys() == live.over_time.keys()
    for name, series in {**live.epochs, **live.over_time}.items():
        found = stored.epochs.get(name) or stored.over_time[name]
        np.testing.assert_array_equal(found.line(), series.line(), err_msg=name)
    assert stored.best_by_accuracy.best == live.best_by_accuracy.best
    assert stored.best_by_cost.patience_end_epoch(2) == live.best_by_cost.patience_end_epoch(2)
    assert stored.step == live.step
    assert stored.max_histogram_limit == live.max_histogram_limit


@pytest.mark.parametrize("stop", [1, 7, 13, 20, 39])
def test_a_resumed_run_ends_exactly_like_an_uninterrupted_one(store, stop):
    config = small(stop_on="accuracy", patience=50, halve_after=2)
    uninterrupted = store.load(train_run(store, config, changes=CHANGES))
    part = train_run(
        store, config, until=stop, changes={step: fields for step, fields in CHANGES.items() if step <= stop}
    )
    interrupted = store.load(part)
    assert interrupted.about.state == states.INTERRUPTED
    assert interrupted.about.step == interrupted.checkpoint.step == stop
    train_run(
        store, config, record=interrupted, changes={step: fields for step, fields in CHANGES.items() if step > stop}
    )
    assert_same_run(uninterrupted, store.load(part))
    assert [event.body for event in store.load(part).events if event.kind == "state"] == [
        states.RUNNING,
        states.FINISHED,
    ]


def test_live_changes_are_stored_in_order(store):
    record = store.load(train_run(store, changes=CHANGES))
    assert [(change.step, change.fields) for change in record.telemetry.changes] == list(CHANGES.items())
    assert config_at(record.about.initial_config, record.telemetry.changes, 14).learning_rate == 0.25


def test_the_deepest_network_has_fewer_series_than_the_limit():
    config = small(hidden=(4,) * MAX_LAYERS, l1=0.1, pixel_noise=0.1)
    in_memory = InMemoryWorker(config, watched=tuple(EXTRACTS))
    in_memory.advance_to(20)
    record = Record(About(id="0" * 16, initial_config=config, state=states.STOPPED, step=20), in_memory.telemetry())
    packed = pack(record)
    assert 110 < len(packed["series"]) <= MAX_SERIES
    assert len(unpack(packed).telemetry.over_time) == len(record.telemetry.over_time)


def test_the_stored_keyframes_are_few_and_spread_over_the_run(store):
    config = small(hidden=(400,), epochs=30)  # about nine keyframes per megabyte
    record = store.load(train_run(store, config))
    steps = [keyframe.step for keyframe in record.telemetry.keyframes]
    assert (steps[0], steps[-1]) == (0, 300)
    assert len(steps) == 16
    assert sum(keyframe.flat.nbytes for keyframe in record.telemetry.keyframes) <= 16 * 4 * 30_010
    np.testing.assert_array_equal(record.telemetry.keyframes.latest_at_or_before(300).flat, record.checkpoint.flat)


def test_the_newest_run_is_listed_first_with_the_values_of_the_run(store):
    ids = [train_run(store, small(seed=seed)) for seed in (1, 2, 3)]
    for created, run_id in zip((5.0, 9.0, 7.0), ids, strict=True):
        store.save(replace(record := store.load(run_id), about=replace(record.about, created=created)))
    listed = store.list()
    assert [about.id for about in listed] == [ids[1], ids[2], ids[0]]
    assert all(about == store.load_about(about.id) == store.load(about.id).about for about in listed)
    assert all(about.metrics == metrics_of(store.load(about.id).telemetry) for about in listed)


def test_a_run_that_no_process_trains_is_interrupted(store):
    run_id = train_run(store, until=12)
    with training_lock.hold_lock(store.path, run_id) as locked:
        assert locked
        assert store.load_about(run_id).state == states.RUNNING
        with training_lock.hold_lock(store.path, run_id) as locked_again:
            assert not locked_again
    assert store.load_about(run_id).state == states.INTERRUPTED


def test_names_notes_and_tags_are_kept_while_the_run_trains(store):
    run_id = train_run(store, until=12)
    store.set_description(run_id, name="größer", note="line\nline", tags=["talk", " talk ", "", "λ"])
    train_run(store, record=store.load(run_id))
    about = store.load_about(run_id)
    assert (about.name, about.note, about.tags) == ("größer", "line\nline", ("talk", "λ"))
    assert about.state == states.FINISHED
    store.set_description(run_id, note="")
    assert (store.load_about(run_id).name, store.load_about(run_id).note) == ("größer", "")


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"name": "x" * 101}, "name must be text of at most 100"),
        ({"note": "x" * 10_001}, "note must be text"),
        ({"tags": ["x" * 41]}, "tags must have"),
        ({"tags": ["a,b"]}, "tags must have"),
        ({"tags": [str(i) for i in range(21)]}, "tags must be at most 20"),
        ({"name": "half \ud800"}, "name"),
        ({"name": "zero \0"}, "name"),
    ],
)
def test_an_invalid_description_is_refused_and_nothing_is_changed(store, description, message):
    run_id = train_run(store, until=3)
    store.set_description(run_id, name="before", tags=["before"])
    with pytest.raises(FieldError, match=message):
        store.set_description(run_id, **description)
    assert (store.load_about(run_id).name, store.load_about(run_id).tags) == ("before", ("before",))


def test_deleted_runs_can_be_restored_for_a_day(store):
    first, second = train_run(store, until=3), train_run(store, until=3)
    store.delete([first])
    assert [about.id for about in store.list()] == [second]
    assert [about.id for about in store.list(deleted=True)] == [first]
    assert store.purge() == 0
    store.restore([first])
    assert {about.id for about in store.list()} == {first, second}
    store.delete([first], clock=lambda: time.time() - RESTORE_SECONDS - 1)
    assert store.purge() == 1
    assert store.load(first) is None
    assert store.load(second) is not None
    with sqlite3.connect(store.path) as connection:
        for table in ("series", "events", "keyframes", "checkpoints", "best"):
            owners = {run for (run,) in connection.execute(f"SELECT DISTINCT run FROM {table}")}
            assert owners <= {second}, table


def test_a_saved_record_replaces_the_one_with_the_same_id(store):
    record = store.load(train_run(store, until=12))
    shorter = Record(replace(record.about, name="again"), Telemetry())
    store.save(shorter)
    found = store.load(record.about.id)
    assert found.about.name == "again"
    assert found.checkpoint is None
    assert not found.telemetry.snapshots
    assert not len(found.telemetry.keyframes)


def test_readers_neither_wait_for_a_writer_nor_see_partial_writes(store):
    run_id = train_run(store, until=12)
    writer = sqlite3.connect(store.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE runs SET name = 'half'")
    assert store.load_about(run_id).name == ""
    assert store.load(run_id).about.name == ""
    writer.execute("ROLLBACK")
    writer.close()


def test_a_damaged_row_is_not_listed_and_its_id_is_in_the_error(store):
    good, bad = train_run(store, until=3), train_run(store, until=3)
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE runs SET config = '{\"l2\": -1}' WHERE id = ?", (bad,))
    assert [about.id for about in store.list()] == [good]
    with pytest.raises(FieldError, match=f"contains a damaged run, {bad} .*delete that run"):
        store.load(bad)
    store.delete([bad])
    assert store.load(good) is not None


@pytest.mark.parametrize("table", ["series", "keyframes", "checkpoints"])
def test_loading_a_run_with_damaged_arrays_raises_an_error(store, table):
    run_id = train_run(store, until=12)
    column = "data" if table == "series" else "flat"
    with sqlite3.connect(store.path) as connection:
        connection.execute(f"UPDATE {table} SET {column} = substr({column}, 1, length({column}) - 3)")
    with pytest.raises(FieldError, match="damaged"):
        store.load(run_id)


def test_the_environment_sets_the_path_of_the_store(monkeypatch, tmp_path):
    monkeypatch.setenv("REGSCOPE_HOME", str(tmp_path / "elsewhere"))
    assert Store().path == tmp_path / "elsewhere" / "runs.sqlite"


def test_a_queued_run_can_be_stored(store):
    about = About(id="0123456789abcdef", initial_config=RunConfig.demo(), state=states.QUEUED)
    store.save(Record(about, Telemetry()))
    assert store.load(about.id).about.state == states.INTERRUPTED
    assert store.load(about.id).checkpoint is None


def test_stored_weights_and_measurements_have_the_same_step(store, monkeypatch):
    monkeypatch.setattr(journal_module, "WRITE_INTERVAL", 0.0)
    monkeypatch.setattr(journal_module, "MAX_WRITE_INTERVAL", 0.0)
    about = {"id": "0123456789abcdef", "created": 1.0}
    worker = Worker(RunSetup(small().to_dict(), about_fields=about, store_path=store.path), io.BytesIO())
    worker.apply(Command(Verb.RESUME))
    worker.advance(10)
    worker.journal.has_unwritten = True  # as after a report shortly after the last write
    worker.write_if_due()
    record = store.load("0123456789abcdef")
    assert record.checkpoint.step == record.telemetry.step == 10
    assert [snapshot.epoch for snapshot in record.telemetry.snapshots] == [0, 1]
    worker.journal.close()


def test_the_journal_writes_twice_a_second_and_at_the_end(store, monkeypatch):
    written_steps = []
    write = journal_module.Journal.write

    def recorded_write(self, checkpoint, trained, pace):
        written_steps.append(checkpoint.step)
        write(self, checkpoint, trained, pace)

    monkeypatch.setattr(journal_module.Journal, "write", recorded_write)
    clock = Clock()
    about = About(id="0123456789abcdef", initial_config=small())
    worker = Worker(RunSetup(small().to_dict()), io.BytesIO())
    worker.journal = journal_module.Journal(store.path, about, clock=clock)
    worker.apply(Command(Verb.RESUME))
    for _ in range(35):
        clock.now += 0.1
        worker.advance(1)
        worker.send_report()
    assert written_steps[0] == 0
    assert all(later - before == 5 for before, later in pairwise(written_steps)), "five steps are half a second"
    while worker.state == states.RUNNING:
        worker.train_slice()
    assert written_steps[-1] == 40
    worker.journal.close()


# deleted for good


LARGE = {"hidden": (300, 300), "epochs": 1}


def test_what_is_deleted_for_good_is_gone_and_its_space_is_given_back(store):
    kept, *large = [train_run(store, small()), *(train_run(store, small(seed=seed, **LARGE)) for seed in (1, 2, 3))]
    whole = store.load(kept)
    before = store.path.stat().st_size
    store.delete(large)
    assert store.path.stat().st_size >= before, "a deleted run can be restored"
    assert store.delete_for_good(large[:1]) == 1
    assert {about.id for about in store.list(deleted=True)} == set(large[1:])
    assert store.delete_for_good() == 2
    assert store.path.stat().st_size < before / 4
    assert store.list(deleted=True) == []
    assert_same_run(store.load(kept), whole)
    with closing(sqlite3.connect(store.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for table in ("keyframes", "series", "checkpoints", "events"):
            runs = {run for (run,) in connection.execute(f"SELECT run FROM {table}")}
            assert runs == {kept}


def test_runs_are_deleted_for_good_even_if_the_space_cannot_be_given_back(store, monkeypatch):
    run_id = train_run(store, small())
    store.delete([run_id])

    def fail():
        raise StoreError(store.path, "cannot be copied: the disk is full")

    monkeypatch.setattr(store, "compact", fail)
    assert store.delete_for_good() == 1
    assert store.list(deleted=True) == []


def test_the_size_of_the_store_is_known_while_its_log_disappears(store, monkeypatch):
    train_run(store, small())
    size = store.path.stat().st_size
    monkeypatch.setattr(Path, "exists", lambda path: True)  # as at the moment before the last writer ends
    store.path.with_name(store.path.name + "-wal").unlink(missing_ok=True)
    assert store.nbytes() == size


def test_only_deleted_runs_are_deleted_for_good(store):
    run_id = train_run(store, small())
    assert store.delete_for_good([run_id]) == 0
    assert store.delete_for_good() == 0
    assert store.load(run_id) is not None


def test_a_file_with_few_free_pages_is_left_as_it_is(store):
    first, *_ = [train_run(store, small(seed=seed, **LARGE)) for seed in (1, 2, 3, 4)]
    before = store.path.stat().st_size
    store.delete([first])
    assert store.delete_for_good() == 1
    assert store.path.stat().st_size == before
    assert not store.compact()


def test_space_is_given_back_while_another_process_reads_and_others_write(store, monkeypatch):
    """A reader keeps its transaction; while another connection writes, nothing is done and nothing is lost."""
    kept, *large = [train_run(store, small()), *(train_run(store, small(seed=seed, **LARGE)) for seed in (1, 2, 3))]
    store.delete(large)
    store.purge(before=math.inf)
    before = store.path.stat().st_size
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.05)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE runs SET note = 'written meanwhile'")
        assert not store.compact()
        other.execute("COMMIT")
        other.execute("BEGIN")
        assert other.execute("SELECT note FROM runs").fetchall() == [("written meanwhile",)]
        store.compact()
        assert other.execute("SELECT note FROM runs").fetchall() == [("written meanwhile",)]
        other.execute("COMMIT")
    store.set_description(kept, note="afterwards")
    assert store.load_about(kept).note == "afterwards"
    store.compact()
    assert store.path.stat().st_size < before


def test_a_run_that_trains_is_saved_while_space_is_given_back(store):
    large = [train_run(store, small(seed=seed, **LARGE)) for seed in (1, 2, 3)]
    until = train_run(store, small(), until=12)
    store.delete(large)
    assert store.delete_for_good() == 3
    train_run(store, record=store.load(until))
    assert_same_run(store.load(until), store.load(train_run(store, small())))


def test_large_stores_are_not_copied_beside_training(store, monkeypatch):
    kept, *large = [train_run(store, small()), *(train_run(store, small(seed=seed, **LARGE)) for seed in (1, 2, 3))]
    store.delete(large)
    store.purge(before=math.inf)
    monkeypatch.setattr(store_module, "MAX_COMPACTED_BESIDE_TRAINING", 0)
    with hold_lock(store.path, kept):
        assert not store.compact()
    assert store.compact()


def test_nothing_is_imported_or_copied_on_a_nearly_full_disk(store, monkeypatch):
    kept, *large = [train_run(store, small()), *(train_run(store, small(seed=seed, **LARGE)) for seed in (1, 2, 3))]
    record = store.load(kept)
    store.delete(large)
    monkeypatch.setattr("shutil.disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 10**12, 0))
    with pytest.raises(FieldError, match=r"is not written: 0 bytes are free on the disk of"):
        store.save(record)
    before = store.path.stat().st_size
    assert store.delete_for_good() == 3
    assert store.path.stat().st_size == before


def test_a_new_run_is_not_saved_on_a_nearly_full_disk_but_trains(store, monkeypatch):
    usage = shutil._ntuple_diskusage(10**12, 10**12 - 5 * 10**8, 5 * 10**8)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    about = {"id": new_id(), "created": 1.0}
    worker = Worker(RunSetup(small().to_dict(), about_fields=about, store_path=store.path), io.BytesIO())
    worker.apply(Command(Verb.STEP))
    assert "is not written: 500 MB are free" in worker.journal.save_error
    assert not store.path.exists()
    monkeypatch.undo()
    worker.journal._retry_at = -1e9
    worker.apply(Command(Verb.STEP))
    worker.write_if_due(now=True)
    assert worker.journal.save_error is None
    assert store.load(about["id"]).telemetry.step == 2, "the whole run is saved then"
    worker.journal.close()
