"""`regscope runs` and the runs that `regscope train` stores."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from dashboard.commands.cli import main
from dashboard.commands.training_progress import results_sentence
from engine import RunConfig, dataset_of, select
from engine.runs import states
from engine.runs.export.weights import load_weights
from engine.runs.resources import machine
from engine.runs.store.json_file import from_json
from engine.runs.store.record import About
from engine.runs.store.store import Store
from tests.dashboard.watching import config_of, telemetry_of
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import assert_same_run, train_run
from tests.processes import wait_until
from tests.slowing import PATIENCE


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("REGSCOPE_HOME", str(tmp_path / "home"))
    return Store()


def call(*arguments: str, answer: str = ""):
    return CliRunner().invoke(main, list(arguments), input=answer)


def refused(*arguments: str) -> str:
    """Call a command that must fail with exit code 2, and return its output."""
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    return result.output


def test_a_run_of_the_command_line_is_stored_like_a_run_of_the_page(store):
    assert call("train", "--epochs", "3", "--l2", "0.5", "--name", "mine").exit_code == 0
    (about,) = store.list()
    assert (about.state, about.origin, about.name, about.initial_config.l2) == (
        states.FINISHED,
        "command line",
        "mine",
        0.5,
    )
    assert_same_run(store.load(about.id), store.load(train_run(store, about.initial_config)))


def test_with_no_store_nothing_is_stored(store):
    assert call("train", "--epochs", "1", "--no-store").exit_code == 0
    assert not store.path.exists()


def test_a_run_that_cannot_be_stored_trains_with_one_warning(store):
    store.path.parent.mkdir()
    store.path.write_text("notes, no database " * 50)
    result = call("train", "--epochs", "2")
    assert result.exit_code == 0
    assert result.output.count("this run is not saved") == 1
    assert "2 epochs" in result.output


def test_the_list_can_be_filtered_sorted_and_written_to_a_file(store, tmp_path):
    assert "No runs are stored yet" in call("runs", "list").output
    plain, interrupted = (
        train_run(store, small(l2=0.0, drop_probability=0.0)),
        train_run(store, small(l2=3.0), until=12),
    )
    store.set_description(plain, name="the plain one", tags=["talk"])
    lines = call("runs", "list").output.splitlines()
    assert len(lines) == 3
    assert "no regularization" in next(line for line in lines if line.startswith(plain[:8]))
    assert "interrupted" in next(line for line in lines if line.startswith(interrupted[:8]))
    for options in (["--tag", "talk"], ["--search", "PLAIN one"], ["--state", "finished"]):
        found = call("runs", "list", *options).output
        assert plain[:8] in found, options
        assert interrupted[:8] not in found, options
    out = tmp_path / "runs.json"
    assert call("runs", "list", "--sort", "name", "--json", str(out)).exit_code == 0
    listed = json.loads(out.read_text())["runs"]
    assert [each["name"] for each in listed] == ["", "the plain one"]
    assert RunConfig.from_dict(listed[0]["config"]).l2 == 3.0
    assert "No run matches" in call("runs", "list", "--search", "nothing").output


def test_the_list_is_sorted_by_the_title_of_the_column_and_by_its_earlier_word(store, tmp_path):
    ids = [train_run(store, small(epochs=epochs)) for epochs in (1, 40)]
    with sqlite3.connect(store.path) as connection:
        connection.executemany("UPDATE runs SET seconds = ? WHERE id = ?", [(1.0, ids[0]), (2.0, ids[1])])
    assert "computing" in call("runs", "list").output.splitlines()[0]
    for word in ("computing", "seconds"):
        out = tmp_path / f"{word}.json"
        assert call("runs", "list", "--sort", word, "--json", str(out)).exit_code == 0
        assert [each["id"] for each in json.loads(out.read_text())["runs"]] == ids[::-1]


def test_the_results_of_a_short_run_have_a_time_in_milliseconds():
    run = SimpleNamespace(seconds=0.0, snapshots=[telemetry_of(config_of("default")).snapshot])
    run.training = SimpleNamespace(current_config=config_of("default"))
    for seconds, text in ((0.0, "1 ms"), (0.0312, "31 ms"), (0.0999, "100 ms"), (0.1, "0.1 s"), (20.0, "20 s")):
        run.seconds = seconds
        assert f" steps in {text}: " in results_sentence(run)


def test_a_run_is_shown_by_the_beginning_of_its_id(store):
    run_id = train_run(store, small())
    output = call("runs", "show", run_id[:5]).output
    assert run_id in output
    assert "4.0 of 4 epochs, 40 updates" in output
    assert "is not a stored run" in refused("runs", "show", "zzz")
    train_run(store, small())
    assert "matches " in refused("runs", "show", "")


def test_an_exported_run_can_be_imported_unchanged(store, tmp_path, monkeypatch):
    run_id = train_run(store, small(), changes={7: {"l2": 0.0}})
    record = store.load(run_id)
    file = tmp_path / "run.json"
    assert call("runs", "export", run_id[:6], str(file)).exit_code == 0
    assert_same_run(record, from_json(file.read_text()))
    monkeypatch.setenv("REGSCOPE_HOME", str(tmp_path / "other"))
    assert "was imported" in call("runs", "import", str(file)).output
    assert_same_run(record, Store().load(run_id))
    again = tmp_path / "again.json"
    assert call("runs", "export", run_id, str(again)).exit_code == 0
    assert again.read_text() == file.read_text()
    assert "is already stored" in call("runs", "import", str(file)).output


def test_a_file_that_is_not_a_run_does_not_prevent_other_imports(store, tmp_path):
    run_id = train_run(store, small())
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    call("runs", "export", run_id, str(good))
    bad.write_text("{}")
    store.delete([run_id])
    output = refused("runs", "import", str(bad), str(good))
    assert "was deleted and has been restored" in output
    assert f"{bad}: file must be a run exported by Regscope" in output


@pytest.mark.dev
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".npz", ".safetensors", ".onnx", ".py", ".html"])
def test_the_file_extension_selects_the_format(store, tmp_path, ending):
    if ending == ".onnx":
        pytest.importorskip("onnx", reason='pip install "regscope[onnx]"')
    run_id = train_run(store, small())
    file = tmp_path / f"run{ending}"
    result = call("runs", "export", run_id, str(file))
    assert result.exit_code == 0, result.output
    assert file.stat().st_size > 100
    if ending in (".npz", ".safetensors"):
        parameters, config = load_weights(file)
        np.testing.assert_array_equal(parameters.flat, store.load(run_id).checkpoint.flat)
        assert config == small()


def test_an_unknown_extension_is_refused(store, tmp_path):
    run_id = train_run(store, small())
    assert "must end in .html, .json, .csv" in refused("runs", "export", run_id, str(tmp_path / "run.doc"))


def test_the_cost_of_each_mini_batch_can_be_exported(store, tmp_path):
    run_id = train_run(store, small())
    file = tmp_path / "run.csv"
    assert call("runs", "export", run_id, str(file), "--what", "costs").exit_code == 0
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert [int(row["step"]) for row in rows] == list(range(1, 41))
    stored_costs = store.load(run_id).telemetry.mini_batch_cost.line()[1]
    assert [float(row["last"]) for row in rows] == list(stored_costs)


def test_the_data_of_a_run_with_noise_can_be_exported(store, tmp_path):
    config = small(label_noise=0.3, pixel_noise=0.1)
    run_id = train_run(store, config)
    file = tmp_path / "run.npz"
    assert call("runs", "export", run_id, str(file), "--what", "data").exit_code == 0
    used = select(config, dataset_of(config))
    with np.load(file, allow_pickle=False) as written:
        np.testing.assert_array_equal(written["x"], used.x)
        np.testing.assert_array_equal(written["labels"], used.labels)
    assert "must end in .npz, got 'run.csv'" in refused("runs", "export", run_id, "run.csv", "--what", "data")


def test_deleting_needs_a_confirmation_and_can_be_undone(store):
    run_id = train_run(store, small())
    assert call("runs", "delete", run_id, answer="n\n").exit_code == 1
    assert store.list()
    result = call("runs", "delete", run_id, answer="y\n")
    assert f"regscope runs restore {run_id[:8]}" in result.output
    assert not store.list()
    assert run_id[:8] in call("runs", "list", "--deleted").output
    assert call("runs", "restore", run_id[:8]).exit_code == 0
    assert store.list()
    assert call("runs", "delete", run_id, "--yes").exit_code == 0


def test_a_resumed_run_ends_with_the_same_result_as_an_uninterrupted_one(store):
    run_id = train_run(store, small(), until=17)
    result = call("runs", "resume", run_id[:8])
    assert result.exit_code == 0, result.output
    assert "4 epochs, 40 steps" in result.output
    assert_same_run(store.load(run_id), store.load(train_run(store, small())))
    assert "is finished: only an interrupted or stopped run" in refused("runs", "resume", run_id)


def interrupt_training(store: Store, epochs: int) -> tuple[About, str]:
    """Train with the command, press Ctrl-C after the first save, and return the stored run and the errors."""
    command = f"train --epochs {epochs} --train-size 1000 --hidden 200 --drop 0.5"
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard.commands.cli", *command.split()],
        env=os.environ,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: store.list() and store.list()[0].step > 0)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20 * PATIENCE)
    finally:
        process.kill()
    (about,) = store.list()
    return about, errors


def test_a_run_in_training_is_not_deleted(store):
    """In an earlier version, a run in training was deleted with all its results."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard.commands.cli", "train", "--epochs", "100000"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        wait_until(lambda: store.list() and store.list()[0].step > 0)
        (about,) = store.list()
        ended = train_run(store, small())
        for options in ([], ["--yes"]):
            output = refused("runs", "delete", ended, about.id[:8], *options)
            assert f"{about.default_name} is being trained or paused and cannot be deleted: stop it first" in output
        assert {each.id for each in store.list()} == {ended, about.id}, "no run is deleted"
    finally:
        process.kill()
        process.communicate()
    wait_until(lambda: store.load_about(about.id).state == states.INTERRUPTED)
    assert call("runs", "delete", about.id, "--yes").exit_code == 0


def test_ctrl_c_stores_the_run_at_its_last_step(store):
    about, errors = interrupt_training(store, 100_000)
    assert about.state == states.INTERRUPTED
    assert f"regscope runs resume {about.id}" in errors
    expected = train_run(store, about.initial_config, until=about.step)
    assert_same_run(store.load(about.id), store.load(expected))


@pytest.mark.slow
def test_a_run_ended_by_ctrl_c_is_resumed_to_the_same_result(store):
    about, _ = interrupt_training(store, 400)
    assert call("runs", "resume", about.id).exit_code == 0
    assert_same_run(store.load(about.id), store.load(train_run(store, about.initial_config)))


def test_runs_are_deleted_for_good_after_a_question(store):
    first, second, third, kept = (train_run(store, small(seed=seed)) for seed in (1, 2, 3, 4))
    assert call("runs", "delete", first, "--for-good", answer="n\n").exit_code == 1
    assert len(store.list()) == 4
    assert f"Deleted for good: {first}" in call("runs", "delete", first, "--for-good", answer="y\n").output
    assert store.load(first) is None
    assert call("runs", "delete", second, third, "--yes").exit_code == 0
    assert "Deleted for good" in call("runs", "delete", second[:12], "--for-good", "--yes").output, "deleted before"
    assert call("runs", "empty", answer="n\n").exit_code == 1
    assert "Deleted for good: 1 run" in call("runs", "empty", answer="y\n").output
    assert "There are no deleted runs." in call("runs", "empty").output
    assert [about.id for about in store.list()] == [kept]
    assert store.list(deleted=True) == []


def test_a_run_that_needs_too_much_memory_is_not_resumed(store, monkeypatch):
    run_id = train_run(store, small(), until=12)
    monkeypatch.setattr(machine, "free_memory", lambda: 1_000)
    assert "must need at most half of the free memory" in refused("runs", "resume", run_id)
    monkeypatch.setattr(machine, "free_memory", lambda: 10**12)
    assert call("runs", "resume", run_id).exit_code == 0
