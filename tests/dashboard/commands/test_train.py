"""`regscope train`: a run without a page."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from dashboard.commands import train as train_command
from dashboard.commands.cli import main
from engine import RunConfig, Training, dataset_of, load_dataset, select, train
from engine.data import keep, read_csv
from engine.runs.export.weights import load_weights
from engine.runs.resources import machine
from engine.runs.resources.estimate import estimate


def run(*arguments: str):
    return CliRunner().invoke(main, ["train", *arguments])


def test_its_results_are_those_of_the_engine(tmp_path):
    out = tmp_path / "run.json"
    options = [
        "--hidden",
        "20,10",
        "--l2",
        "0.5",
        "--drop",
        "0.25",
        "--train-size",
        "203",
        "--epochs",
        "3",
        "--seed",
        "7",
    ]
    result = run(*options, "--eta", "0.3", "--batch-size", "20", "--json", str(out))
    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text())
    config = RunConfig(
        hidden=(20, 10),
        l2=0.5,
        drop_probability=0.25,
        train_size=203,
        epochs=3,
        seed=7,
        learning_rate=0.3,
        mini_batch_size=20,
        label_noise=0.0,
    )
    assert RunConfig.from_dict(found["config"]) == config
    snapshots = list(train(config, select(config, load_dataset("digits"))))
    assert [epoch["judge"]["correct"] for epoch in found["epochs"]] == [s.evaluation.correct for s in snapshots]
    assert [epoch["training"]["cost"] for epoch in found["epochs"]] == [s.training.cost for s in snapshots]
    assert found["steps"] == 3 * 11
    assert found["training_seconds"] > 0
    assert found["measuring_seconds"] > 0


def test_by_default_nothing_is_regularized_or_corrupted(tmp_path):
    out = tmp_path / "run.json"
    assert run("--epochs", "1", "--json", str(out)).exit_code == 0
    config = json.loads(out.read_text())["config"]
    assert (config["l2"], config["l1"], config["drop_probability"], config["label_noise"]) == (0, 0, 0, 0)
    assert config["train_size"] is None


def test_a_json_result_is_a_config_file_and_options_override_it(tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert run("--l1", "0.1", "--l1-rule", "proximal", "--epochs", "2", "--json", str(first)).exit_code == 0
    assert run("--config", str(first), "--epochs", "1", "--json", str(second)).exit_code == 0
    before, after = (json.loads(path.read_text())["config"] for path in (first, second))
    assert after == {**before, "epochs": 1}


def test_a_toml_file_is_a_config_file(tmp_path):
    path, out = tmp_path / "run.toml", tmp_path / "run.json"
    path.write_text("hidden = [15]\nl2 = 0.1\nepochs = 1\n")
    assert run("--config", str(path), "--json", str(out)).exit_code == 0
    assert json.loads(out.read_text())["config"]["hidden"] == [15]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--l2", "-1"], "l2 must be a number from 0"),
        (["--drop", "1"], "dropping every neuron leaves nothing to learn from"),
        (["--hidden", "thirty"], "must be whole numbers separated by commas"),
        (["--train-size", "5000"], "train_size must be at most 1297"),
        (["--batch-size", "2000"], "mini_batch_size must be at most the number of training examples, 1297"),
        (["--l2", "6000"], "ηλ/n below 2"),
        (["--dataset", "minst"], "dataset must be one of digits"),
        (["--dataset", "own:0123456789abcdef"], "is not on this machine: add the same file on the page"),
        (["--validation-share", "0.5", "--train-size", "900"], "the rest of digits with a validation share of 0.5"),
        (["--pixel-noise", "2"], "pixel_noise must be a number from 0 to 1"),
        (["--data-noise", "1"], "data_noise must be a number from 0 to 0.5"),
        (["--dataset", "blobs", "--blob-classes", "7"], "blob_classes must be a whole number from 2 to 6"),
        (["--json", "no-such-folder/run.json", "--epochs", "1"], "cannot be written"),
    ],
)
def test_an_invalid_option_is_refused_with_a_helpful_message(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert not list(tmp_path.iterdir()), "no incomplete file is left"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--json", "no-such-folder/run.json"], "--json no-such-folder/run.json cannot be written"),
        (["--json", "a-file/run.json"], "--json a-file/run.json cannot be written"),
        (["--weights", "no-such-folder/best.npz"], "--weights no-such-folder/best.npz cannot be written"),
        (["--weights", "a-folder.npz"], "is a directory"),
        (["--weights", "best.pkl"], "must end in .npz or .safetensors"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_training(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(train_command, "train_with_progress", lambda run: pytest.fail("the run is trained"))
    (tmp_path / "a-file").touch()
    (tmp_path / "a-folder.npz").mkdir()
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-file", "a-folder.npz"]


@pytest.mark.parametrize(
    ("content", "message"),
    [('{"about": {}}', "about.config in"), ('{"config": null}', "config in"), ('{"config": [1]}', "config in")],
)
def test_the_error_for_a_config_file_without_a_config_names_the_key(content, message, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(content)
    result = run("--config", str(path))
    assert result.exit_code == 2
    assert message in result.output
    assert "must be a table of fields and values" in " ".join(result.output.split())


@pytest.mark.parametrize("content", ["[1, 2]", "{", '{"no_such_field": 1}', '{"config": 3}', "\x00"])
def test_an_invalid_config_file_is_refused(content, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(content)
    result = run("--config", str(path))
    assert result.exit_code == 2
    assert "Error:" in result.output


def test_early_stopping_writes_the_weights_of_the_best_epoch(tmp_path):
    out, weights = tmp_path / "run.json", tmp_path / "best.safetensors"
    options = ["--train-size", "100", "--epochs", "300", "--stop-on", "accuracy", "--patience", "4"]
    result = run(*options, "--json", str(out), "--weights", str(weights))
    assert result.exit_code == 0, result.output
    assert "Stopped early: no better accuracy for 4 epochs" in result.output
    epochs = json.loads(out.read_text())["epochs"]
    parameters, config = load_weights(weights)
    data = select(config, load_dataset("digits"))
    training = Training(config, data, parameters=parameters)
    correct = [epoch["judge"]["correct"] for epoch in epochs[1:]]
    assert training.measure().evaluation.correct == max(correct)
    assert len(correct) == correct.index(max(correct)) + 1 + 4


def test_there_is_a_warning_for_a_penalty_that_flips_signs():
    result = run("--l2", "3000", "--epochs", "1")
    assert result.exit_code == 0
    assert "every update flips the sign of a weight" in " ".join(result.output.split())


def test_data_set_noise_and_validation_share_are_options(tmp_path):
    out = tmp_path / "run.json"
    options = ["--dataset", "blobs", "--blob-classes", "4", "--data-noise", "0.1", "--validation-share", "0.5"]
    result = run(*options, "--pixel-noise", "0.05", "--epochs", "1", "--json", str(out))
    assert result.exit_code == 0, result.output
    found = json.loads(out.read_text())
    config = RunConfig.from_dict(found["config"])
    assert (config.dataset, config.blob_classes, config.data_noise) == ("blobs", 4, 0.1)
    assert (config.validation_share, config.pixel_noise) == (0.5, 0.05)
    snapshots = list(train(config, select(config, dataset_of(config))))
    assert [epoch["judge"]["correct"] for epoch in found["epochs"]] == [s.evaluation.correct for s in snapshots]
    assert found["epochs"][-1]["judge"]["size"] == 1_500


def test_own_data_can_be_trained_on_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    rows = "".join(f"{i},{(i * 7) % 13},{'low' if i < 30 else 'high'}\n" for i in range(60))
    name = keep(read_csv(f"a,b,label\n{rows}".encode()))
    result = run("--dataset", name, "--epochs", "60")
    assert result.exit_code == 0, result.output
    assert "of 18," in result.output


def test_the_output_starts_with_the_progress_label():
    result = run("--train-size", "40", "--hidden", "5", "--epochs", "1")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[0].strip() == "training"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("l2 = 10\n[config]\nl1 = 2\n", "must have all fields in config, got l2"),
        ("x = " + "[" * 100_000, "must be a table"),
    ],
)
def test_a_config_file_with_misplaced_fields_or_deep_nesting_is_refused(content, words, tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(main, ["train", "--config", str(path)])
    assert result.exit_code == 2
    assert words in result.output


def test_a_network_above_half_of_the_free_memory_is_refused_and_above_a_quarter_a_warning(monkeypatch):
    needed = estimate(RunConfig(hidden=(500, 500), train_size=20)).worker
    options = ("--hidden", "500, 500", "--epochs", "1", "--train-size", "20", "--no-store")
    monkeypatch.setattr(machine, "free_memory", lambda: round(1.9 * needed))
    result = run(*options)
    assert result.exit_code == 2
    assert "hidden must need at most half of the free memory" in result.output
    assert "got 500, 500" in result.output
    monkeypatch.setattr(machine, "free_memory", lambda: round(3 * needed))
    result = run(*options)
    assert result.exit_code == 0
    assert "Warning: hidden of 500, 500 needs about" in result.output
    monkeypatch.setattr(machine, "free_memory", lambda: 10**12)
    assert "needs about" not in run(*options).output
