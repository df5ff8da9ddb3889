"""The contenders of the benchmark do the work that is timed, and its results contain what was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import benchmarks.__main__ as command
from benchmarks import scaling
from benchmarks.cases import CASES, Case, mnist_shaped
from benchmarks.contenders import book_loop, engine_bare, engine_recorded, matrix_products_only
from benchmarks.measure import Timing
from engine import Training, select

SMALL = Case(hidden=(6,), batch=5, dropout=False, against_peers=1, over_floor=10)


def test_the_data_have_the_shape_of_mnist() -> None:
    data = mnist_shaped(300)
    assert data.training.x.shape == (300, 784)
    assert 0.15 < (data.training.x > 0).mean() < 0.25
    assert set(data.training.labels.tolist()) == set(range(10))


def test_the_cases_are_those_of_the_table_and_have_matching_configs() -> None:
    assert [case.name for case in CASES] == [
        "784-30-10, 10, L2",
        "784-100-10, 10, L2",
        "784-100-100-10, 10, dropout ½",
        "784-800-800-10, 100, L2",
        "784-800-800-10, 100, dropout ½",
        "784-100-10, 128, L2",
    ]
    for case in CASES:
        config = case.config
        assert (config.l2 > 0) != case.dropout
        assert (config.drop_probability == 0.5) == case.dropout
        assert config.dtype == "float32"


@pytest.mark.parametrize("contender", [engine_bare, engine_recorded])
def test_the_engine_trains_the_requested_number_of_mini_batches(
    contender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps_run = []
    run = Training.run

    def counting_run(self: Training, steps: int) -> int:
        steps_run.append(run(self, steps))
        return steps_run[-1]

    monkeypatch.setattr(Training, "run", counting_run)
    contender(SMALL, mnist_shaped())(1_234)  # an epoch has 1,000
    assert sum(steps_run) == 1_234


def test_the_loop_of_the_book_changes_its_weights() -> None:
    data = mnist_shaped(50)
    loop = book_loop(SMALL, data)
    assert loop is not None
    weights = next(c.cell_contents for c in loop.__closure__ or () if isinstance(c.cell_contents, list))
    assert book_loop(replace(SMALL, dropout=True), data) is None
    before = [np.array(w) for w in weights if isinstance(w, np.ndarray)]
    loop(3)
    after = [w for w in weights if isinstance(w, np.ndarray)]
    assert any((a != b).any() for a, b in zip(after, before, strict=True))


def test_the_floor_multiplies_each_matrix_of_the_full_network(monkeypatch: pytest.MonkeyPatch) -> None:
    run = matrix_products_only(replace(SMALL, hidden=(6, 4)), mnist_shaped(50))
    products: list[tuple[int, ...]] = []
    dot = np.dot

    def recording_dot(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> np.ndarray:
        products.append((*a.shape, b.shape[1]))
        return dot(a, b, out)

    monkeypatch.setattr(np, "dot", recording_dot)
    run(1)
    forward = [(5, 784, 6), (5, 6, 4), (5, 4, 10)]
    backward = [(4, 5, 10), (5, 10, 4), (6, 5, 4), (5, 4, 6), (784, 5, 6)]
    assert products == forward + backward


def test_results_are_median_ratios_over_rounds_and_name_the_fastest_peer() -> None:
    timings = {
        command.REGSCOPE: Timing([10, 12, 11]),
        command.RECORDED: Timing([12.5, 15, 13.75]),
        command.FLOOR: Timing([5, 6, 5.5]),
        "PyTorch, eager": Timing([40, 48, 44]),
        "scikit-learn": Timing([30, 36, 33]),
    }
    found = command.case_results(SMALL, timings)
    assert found["ours_over_floor"] == 2
    assert found["recorded_speed"] == 0.8
    assert (found["fastest_peer"], found["against_peers"]) == ("scikit-learn", 3)
    assert "3.00 × as fast as scikit-learn (target ≥ 1)" in command.results_text(found)


def test_a_peer_that_is_not_installed_is_left_out_and_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    def missing(case: Case, data: Any) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(command, "PEERS", {"PyTorch, eager": missing})
    monkeypatch.setattr(command, "CASES", (SMALL,))
    monkeypatch.setattr(command, "pin_to_one_core", lambda: None)
    file = tmp_path / "figures.json"
    result = CliRunner().invoke(command.main, ["--rounds", "1", "--no-scaling", "--json", str(file)])
    assert result.exit_code == 0, result.output
    assert "left out: PyTorch, eager: torch is not installed" in result.output
    figures = json.loads(file.read_text())
    assert figures["left_out"] == {"PyTorch, eager": "torch is not installed"}
    assert set(figures["cases"][0]["microseconds"]) == {"Regscope", "Regscope, recorded", "floor", "the book's loop"}


def test_an_unknown_case_is_refused_with_a_list_of_the_cases() -> None:
    result = CliRunner().invoke(command.main, ["--only", "785"])
    assert result.exit_code == 2
    assert "--only 785 matches no case" in result.output
    assert "784-30-10, 10, L2" in result.output


def test_the_exponent_is_that_of_a_power_law() -> None:
    sizes = (10, 100, 1_000)
    assert scaling.exponent(sizes, [3 * n**1.7 for n in sizes]) == pytest.approx(1.7)
    assert scaling.exponent(sizes, [5.0, 5.0, 5.0]) == pytest.approx(0)


def test_the_measured_memory_grows_with_the_parameters() -> None:
    data = mnist_shaped(2_000)
    config = replace(scaling.BASE_CONFIG, train_size=1_000)
    assert select(config, data).n == 1_000
    _, small = scaling.step_time(config, data, rounds=1)
    _, large = scaling.step_time(replace(config, hidden=(1_000,)), data, rounds=1)
    parameters = 900 * (784 + 10 + 1) * 4 / 2**20  # in megabytes, of the 900 additional neurons
    assert 2 * parameters < large - small < 5 * parameters
