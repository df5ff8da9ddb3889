"""Every cost of the table works in all parts of the engine. A new one is tested without changes here."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine import RunConfig
from engine.families.costs import COSTS
from engine.runs.export.onnx_file import onnx_bytes
from engine.runs.export.program import program_text
from tests.engine.toys import run_all, toy_config, toy_training

every_cost = pytest.mark.parametrize("name", COSTS)
rng = np.random.default_rng(4)
Z, Y = rng.normal(scale=3, size=(40, 5)), np.eye(5)[rng.integers(0, 5, 40)]


def output_of(name: str, z: np.ndarray) -> np.ndarray:
    a = np.full_like(z, np.nan)
    with np.errstate(over="ignore"):
        COSTS[name].output_activation(z, a)
    return a


def delta_of(name: str, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    out = np.full_like(z, np.nan)
    with np.errstate(over="ignore"):
        COSTS[name].delta(z, y, out)
    return out


@every_cost
def test_its_error_equals_the_finite_difference_of_its_values(name):
    h = 1e-5
    for k in range(5):
        offset = h * np.eye(5)[k]
        difference = (COSTS[name].values(Z + offset, Y) - COSTS[name].values(Z - offset, Y)) / (2 * h)
        np.testing.assert_allclose(delta_of(name, Z, Y)[:, k], difference, atol=1e-8)


@every_cost
def test_right_outputs_cost_less_and_the_largest_z_is_the_class(name):
    right, wrong = 10 * Y - 5, 5 - 10 * Y
    assert (COSTS[name].values(right, Y) < COSTS[name].values(wrong, Y)).all()
    assert np.array_equal(output_of(name, Z).argmax(axis=1), Z.argmax(axis=1))


@every_cost
def test_its_outputs_may_overwrite_z_and_are_finite_for_large_z(name):
    z = Z.astype(np.float32)
    expected = output_of(name, z)
    COSTS[name].output_activation(z, z)
    assert np.array_equal(z, expected)
    large = np.array([[-1e30, 1e3, 1e30]], np.float32)
    assert np.isfinite(output_of(name, large)).all()
    assert np.isfinite(delta_of(name, large, np.array([[0, 1, 0]], np.float32))).all()


@every_cost
def test_the_deviation_of_its_error_at_equal_z_is_within_its_bound(name):
    for z in Z:
        for share in (0.1, 0.5, 0.9):
            y = np.eye(5)[(rng.random(100) > share).astype(int)]
            assert delta_of(name, np.tile(z, (100, 1)), y).std(axis=0).max() <= COSTS[name].max_error_deviation


@every_cost
def test_a_network_learns_with_it(name):
    training = toy_training(toy_config(cost=name, learning_rate=0.3, epochs=30))
    before = training.measure().training.cost
    run_all(training)
    assert training.measure().training.cost < before


@pytest.mark.dev
@every_cost
def test_onnx_computes_the_same_outputs(name):
    onnx = pytest.importorskip("onnx", reason='pip install "regscope[onnx]"')
    reference = pytest.importorskip("onnx.reference")
    config = toy_config(cost=name, hidden=(), dtype="float32")
    training = toy_training(config)
    training.run(3)
    full, x = training.inference_parameters(), 10 * training.data.x
    model = onnx.load_from_string(onnx_bytes(config, full))
    onnx.checker.check_model(model)
    (found,) = reference.ReferenceEvaluator(model).run(None, {"x": x})
    np.testing.assert_allclose(found, output_of(name, x @ full.weights[0] + full.biases[0]), atol=1e-6)


@every_cost
def test_configs_and_programs_contain_it(name):
    config = RunConfig(cost=name)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert f"cost={name!r}" in program_text(config) or name == RunConfig().cost
