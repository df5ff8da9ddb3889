"""Exported ONNX networks: other programs compute the outputs of the engine, to 1e-6."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine import FieldError
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.learning.network import weighted_outputs
from engine.runs.export import onnx_file
from engine.runs.export.onnx_file import onnx_bytes
from engine.runs.export.table import EXPORTS
from engine.runs.history.past_telemetry import run_state_at
from tests.engine.runs.driving import small


def last_run_state(record):
    telemetry = record.telemetry
    return run_state_at(record.about.initial_config, telemetry, telemetry.keyframes.latest_at_or_before(telemetry.step))


@pytest.mark.dev
@pytest.mark.parametrize(("activation", "cost"), list(itertools.product(ACTIVATIONS, COSTS)))
@pytest.mark.parametrize("scaling", ["classic", "inverted"])
@pytest.mark.parametrize("reader", ["onnx.reference", "onnxruntime"])
def test_other_programs_compute_the_outputs_of_the_engine(trained, activation, cost, scaling, reader):
    pytest.importorskip("onnx", reason='pip install "regscope[onnx]"')
    record = trained(
        small(activation=activation, cost=cost, dropout_scaling=scaling, hidden=(9, 6), learning_rate=0.05)
    )
    run_state = last_run_state(record)
    x = run_state.data.evaluation.x[:50]
    expected = weighted_outputs(run_state.architecture, run_state.full_network, x)
    run_state.architecture.cost.output_activation(expected, expected)
    content = EXPORTS["onnx"].make_content(record.about.initial_config, record.telemetry)
    if reader == "onnxruntime":
        runtime = pytest.importorskip("onnxruntime", reason="pip install onnxruntime")
        (found,) = runtime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"x": x})
    else:
        import onnx.reference

        (found,) = onnx.reference.ReferenceEvaluator(onnx.load_from_string(content)).run(None, {"x": x})
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.argmax(axis=1).tolist() == expected.argmax(axis=1).tolist()


@pytest.mark.dev
def test_a_float64_network_is_exported_in_float64(trained):
    onnx = pytest.importorskip("onnx", reason='pip install "regscope[onnx]"')
    record = trained(small(dtype="float64", hidden=()))
    model = onnx.load_from_string(EXPORTS["onnx"].make_content(record.about.initial_config, record.telemetry))
    onnx.checker.check_model(model)
    assert {each.data_type for each in model.graph.initializer} == {onnx.TensorProto.DOUBLE}
    assert [dim.dim_param or dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim] == ["batch", 64]


def test_without_the_package_the_error_shows_how_to_install_it(trained, monkeypatch):
    monkeypatch.setattr(onnx_file, "unavailable_reason", lambda: 'needs the package onnx: pip install "regscope[onnx]"')
    run_state = last_run_state(trained(small()))
    with pytest.raises(FieldError, match=r'pip install "regscope\[onnx\]"'):
        onnx_bytes(run_state.current_config, run_state.full_network)
