"""`regscope book`, compared with the published results of the book."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from dashboard.commands.cli import main
from engine import data_folder

pytestmark = pytest.mark.mnist


def published(name: str) -> list[list[float]]:
    return json.loads((data_folder() / "book" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["overfitting", "regularized"])
def test_the_first_epochs_equal_those_of_the_book(name, tmp_path, mnist):
    out = tmp_path / "figures.json"
    result = CliRunner().invoke(main, ["book", name, "--epochs", "3", "--json", str(out)])
    assert result.exit_code == 0, result.output
    assert "accuracy counts that differ 0 of 6" in result.output
    curves = json.loads(out.read_text())
    test_cost, test_accuracy, training_cost, training_accuracy = published(name)
    assert curves["test_accuracy"] == test_accuracy[:3]
    assert curves["training_accuracy"] == training_accuracy[:3]
    assert curves["test_cost"] == pytest.approx(test_cost[:3], abs=1e-9)
    assert curves["training_cost"] == pytest.approx(training_cost[:3], abs=1e-9)


@pytest.mark.slow
def test_all_3200_published_numbers_are_reproduced(tmp_path, mnist):
    last = {}
    for name in ("overfitting", "regularized"):
        out = tmp_path / f"{name}.json"
        result = CliRunner().invoke(main, ["book", name, "--json", str(out)])
        assert result.exit_code == 0, result.output
        curves = json.loads(out.read_text())
        columns = [curves[key] for key in ("test_cost", "test_accuracy", "training_cost", "training_accuracy")]
        for column, expected, is_count in zip(columns, published(name), (False, True, False, True), strict=True):
            assert len(column) == len(expected) == 400
            assert column == expected if is_count else column == pytest.approx(expected, abs=1e-9)
        last[name] = curves["test_accuracy"][-1]
    assert last["regularized"] - last["overfitting"] >= 300, "of 10,000 test images"


def test_without_the_published_file_it_trains_without_a_comparison(tmp_path, monkeypatch, mnist):
    (tmp_path / "mnist").symlink_to(data_folder() / "mnist")
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    result = CliRunner().invoke(main, ["book", "overfitting", "--epochs", "1"])
    assert result.exit_code == 0, result.output
    assert "there is no comparison" in result.output


def test_without_mnist_the_error_names_the_folder_and_the_files(tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    result = CliRunner().invoke(main, ["book", "overfitting"])
    assert result.exit_code == 2
    assert "train-images-idx3-ubyte" in result.output
    assert str(tmp_path) in result.output.replace("\n", "")


def test_the_full_runs_have_the_settings_of_the_book_with_50000_images():
    from engine.book import book_config

    for name, lmbda in (("overfitting-full", 0.0), ("regularized-full", 5.0)):
        config = book_config(name)
        assert (config.train_size, config.l2, config.epochs) == (50_000, lmbda, 30)
        assert (config.hidden, config.initializer, config.dtype) == ((30,), "large", "float64")
        assert (config.learning_rate, config.mini_batch_size, config.evaluate_on) == (0.5, 10, "test")
