"""Every activation of the table works in all parts of the engine. A new one is tested without changes here."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from engine import RunConfig, warnings
from engine.families.activations import ACTIVATIONS
from engine.learning import sgd
from engine.runs.export.onnx_file import onnx_bytes
from engine.runs.export.program import program_text
from tests.engine.toys import run_all, toy_config, toy_training

every_activation = pytest.mark.parametrize("name", ACTIVATIONS)
Z = np.linspace(-6, 6, 400)  # without 0, the kink of some activations


def apply(name: str, z: np.ndarray) -> np.ndarray:
    a = np.full_like(z, np.nan)
    with np.errstate(over="ignore"):
        ACTIVATIONS[name].apply(z, a)
    return a


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_writes_into_its_output_which_may_be_its_input(name, dtype):
    z = Z.astype(dtype)
    expected, a = apply(name, z), z.copy()
    assert np.array_equal(z, Z.astype(dtype)), "the input is not changed"
    ACTIVATIONS[name].apply(a, a)
    assert np.array_equal(a, expected)
    slope = np.full_like(a, np.nan)
    ACTIVATIONS[name].slope(a, slope)
    assert np.array_equal(a, expected)
    assert slope.dtype == dtype
    assert np.isfinite(slope).all()


@every_activation
def test_its_slope_equals_the_finite_difference(name):
    h, slope = 1e-5, np.empty_like(Z)
    ACTIVATIONS[name].slope(apply(name, Z), slope)
    np.testing.assert_allclose(slope, (apply(name, Z + h) - apply(name, Z - h)) / (2 * h), atol=1e-7)


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_finite_for_large_inputs(name, dtype):
    z = np.array([-1e30, -1e3, 1e3, 1e30], dtype)
    a, slope = apply(name, z), np.empty_like(z)
    with np.errstate(over="ignore"):
        ACTIVATIONS[name].slope(a, slope)
    assert np.isfinite(a).all()
    assert np.isfinite(slope).all()


@every_activation
def test_its_max_deviation_is_that_of_its_extreme_values(name):
    bound = ACTIVATIONS[name].max_deviation
    extremes = apply(name, np.array([-1e6, 1e6]))
    if math.isinf(bound):
        assert extremes.std() > 1e3
    else:
        assert extremes.std() == pytest.approx(bound)
    rng = np.random.default_rng(1)
    assert all(apply(name, rng.normal(scale=5, size=50)).std() <= bound for _ in range(20))


@every_activation
def test_a_strong_l1_gives_a_warning_if_it_is_bounded(name):
    found = warnings(RunConfig(activation=name, l1=1e6), 100)
    assert bool(found) == math.isfinite(ACTIVATIONS[name].max_deviation)


@every_activation
def test_a_network_learns_with_it_masked_or_cut_out(name, monkeypatch):
    config = toy_config(activation=name, hidden=(6, 5), drop_probability=0.5, learning_rate=0.1, epochs=30)
    found = []
    for cut in (True, False):
        monkeypatch.setattr(sgd, "is_thinning_faster", lambda config, sizes, cut=cut: cut)
        training = toy_training(config)
        before = training.measure().training.cost
        run_all(training)
        assert training.measure().training.cost < before
        found.append(training.parameters.flat)
    np.testing.assert_allclose(*found, rtol=1e-9, atol=1e-12)


@pytest.mark.dev
@every_activation
def test_onnx_computes_the_same_outputs(name):
    onnx = pytest.importorskip("onnx", reason='pip install "regscope[onnx]"')
    reference = pytest.importorskip("onnx.reference")
    config = toy_config(activation=name, dtype="float32")
    training = toy_training(config)
    training.run(3)
    full = training.inference_parameters()
    model = onnx.load_from_string(onnx_bytes(config, full))
    onnx.checker.check_model(model)
    x = 10 * training.data.x
    (found,) = reference.ReferenceEvaluator(model).run(None, {"x": x})
    z = apply(name, x @ full.weights[0] + full.biases[0]) @ full.weights[1] + full.biases[1]
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-z)), atol=1e-6)


@every_activation
def test_configs_and_programs_contain_it(name):
    config = RunConfig(activation=name)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert f"activation={name!r}" in program_text(config) or name == RunConfig().activation
