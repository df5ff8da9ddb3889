"""A store that version 0.1.0 wrote can be read, resumed, forked and changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine import Checkpoint, Parameters, Training, dataset_of, select
from tests.compatibility import places
from tests.compatibility.results import (
    FOLDER,
    differences,
    parameter_values,
    record_values,
    recorded,
    sha256,
    snapshot_values,
    trained_differences,
)

EXPECTED = recorded("store.json")
NAMES = EXPECTED["names"]  # the id of each run, by its kind


@pytest.fixture
def store(tmp_path: Path) -> places.Store:
    """A copy of the file, because reading it may migrate its tables."""
    return places.Store(shutil.copy(FOLDER / "store.sqlite3", tmp_path / "runs.sqlite"))


def load(store: places.Store, run_id: str) -> places.Record:
    record = store.load(run_id)
    assert record is not None
    return record


def test_the_runs_are_listed_in_the_same_order(store: places.Store) -> None:
    assert [about.id for about in store.list()] == EXPECTED["listed"]


def test_the_deleted_run_can_be_restored(store: places.Store) -> None:
    assert [about.id for about in store.list(deleted=True)] == EXPECTED["deleted"]
    store.restore(EXPECTED["deleted"])
    assert {about.id for about in store.list()} == set(EXPECTED["runs"])


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_read_as_it_was_written(store: places.Store, name: str) -> None:
    """Its row, measurements, lines, changes, events, keyframes and checkpoint, exactly."""
    expected = EXPECTED["runs"][NAMES[name]]
    assert differences(expected, record_values(load(store, NAMES[name]))) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_list_has_the_recorded_row_of_a_run(store: places.Store, name: str) -> None:
    about = store.load_about(NAMES[name])
    assert about is not None
    assert differences(EXPECTED["runs"][NAMES[name]]["about"], places.about_values(about)) == []


@pytest.mark.parametrize("run_id", EXPECTED["resumed"])
def test_a_run_resumed_without_a_page_ends_as_recorded(store: places.Store, run_id: str) -> None:
    expected = EXPECTED["resumed"][run_id]
    places.resume_headless(store.path, load(store, run_id))
    record = load(store, run_id)
    checkpoint = places.checkpoint_of(record)
    assert checkpoint is not None
    found = {
        "state": record.about.state,
        "step": record.about.step,
        "last_snapshot": snapshot_values(places.snapshots_of(record)[-1]),
        "parameters_sha256": sha256(places.parameters_of(checkpoint)),
    }
    expected = {key: expected[key] for key in found}
    assert trained_differences(expected, found, record.about.initial_config.dtype) == []


@pytest.mark.parametrize("run_id", EXPECTED["resumed"])
def test_a_stored_checkpoint_ends_as_recorded(store: places.Store, run_id: str) -> None:
    """The same with the engine alone; the parameters of the best epoch are compared, too."""
    expected = EXPECTED["resumed"][run_id]
    record = load(store, run_id)
    checkpoint = places.checkpoint_of(record)
    assert checkpoint is not None
    training = trained_to_the_end(record, checkpoint)
    best = places.best_parameters(training) if expected["best_parameters_sha256"] else None
    found = {
        "step": training.step,
        "last_snapshot": snapshot_values(training.measure()),
        "parameters_sha256": sha256(training.parameters.flat),
        "best_parameters_sha256": best and sha256(best.flat),
    }
    expected = {key: expected[key] for key in found}
    assert trained_differences(expected, found, record.about.initial_config.dtype) == []


@pytest.mark.parametrize("at", [0, 1, -2])
def test_a_fork_of_a_stored_run_ends_as_its_parent(store: places.Store, at: int) -> None:
    """A fork without a change gives the parent's results, from any keyframe."""
    record = load(store, NAMES["finished"])
    step, _ = places.keyframes_of(record)[at]
    end = places.checkpoint_of(record)
    assert end is not None
    training = trained_to_the_end(record, places.fork_at(record, step))
    parent = Parameters(training.parameters.sizes, places.parameters_of(end))
    expected, found = parameter_values(parent), parameter_values(training.parameters)
    assert trained_differences(expected, found, record.about.initial_config.dtype) == []


def test_a_stored_run_can_be_renamed(store: places.Store) -> None:
    run_id = NAMES["live changes"]
    store.set_description(run_id, name="Another name", tags=["new"])
    expected = EXPECTED["runs"][run_id]["about"] | {"name": "Another name", "tags": ["new"]}
    assert differences(expected, places.about_values(load(store, run_id).about)) == []


def trained_to_the_end(record: places.Record, checkpoint: Checkpoint) -> Training:
    """Resume a checkpoint of a run and train it to its end."""
    config = record.about.initial_config
    training = Training.resume(checkpoint, select(config, dataset_of(config)))
    while not training.finished:
        training.run(training.steps_per_epoch)
        training.end_epoch()
    return training
