"""Exports the trained network as ONNX, for other programs.

The file contains the full network for inference: with classic dropout scaling, outgoing weights × keep probability.
The input is `x` (batch, n_in). The output is `a` (batch, n_out), after the output function of the cost.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from engine.config import RunConfig
from engine.errors import FieldError
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.learning.network import Parameters

OPSET = 17


def unavailable_reason() -> str | None:
    """Return why ONNX cannot be written, and what to do; None if it can be written."""
    try:
        import onnx  # noqa: F401
    except ImportError:
        return 'needs the package onnx: pip install "regscope[onnx]"'
    return None


def onnx_bytes(config: RunConfig, full_network: Parameters) -> bytes:
    """Return a network as the bytes of an .onnx file.

    Args:
        config: the config of the run. full_network: the network for inference.

    Raises:
        FieldError: if the package onnx is not installed.
    """
    if (reason := unavailable_reason()) is not None:
        raise FieldError("onnx", reason)
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: list[Any] = []
    activation_name = "x"
    for layer, (W, b) in enumerate(zip(full_network.weights, full_network.biases, strict=True), start=1):
        is_last = layer == len(full_network.weights)
        constants += [
            numpy_helper.from_array(np.ascontiguousarray(W), f"W{layer}"),
            numpy_helper.from_array(np.ascontiguousarray(b), f"b{layer}"),
        ]
        nodes += [
            helper.make_node("MatMul", [activation_name, f"W{layer}"], [f"product{layer}"]),
            helper.make_node("Add", [f"product{layer}", f"b{layer}"], [f"z{layer}"]),
        ]
        function = COSTS[config.cost] if is_last else ACTIVATIONS[config.activation]
        activation_name = "a" if is_last else f"a{layer}"
        nodes.append(
            helper.make_node(function.onnx_operator, [f"z{layer}"], [activation_name], **function.onnx_attributes)
        )
    tensor_type = TensorProto.FLOAT if config.dtype == "float32" else TensorProto.DOUBLE
    graph = helper.make_graph(
        nodes,
        "regscope",
        [helper.make_tensor_value_info("x", tensor_type, ["batch", full_network.sizes[0]])],
        [helper.make_tensor_value_info("a", tensor_type, ["batch", full_network.sizes[-1]])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="regscope")
    model.ir_version = 8  # the oldest IR version with this opset, so that older programs can read the file
    helper.set_model_props(model, {"config": json.dumps(config.to_dict(), ensure_ascii=False)})
    return bytes(model.SerializeToString())
