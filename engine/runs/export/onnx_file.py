"""The trained network as ONNX, for other programs.

It is the full network for inference: with classic dropout scaling, outgoing weights × keep probability. Inputs are
`x` (batch, n_in), outputs `a` (batch, n_out), after the output function of the cost.
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


def missing() -> str | None:
    """Return why ONNX cannot be written, with the way out; None if it can."""
    try:
        import onnx  # noqa: F401
    except ImportError:
        return 'needs the package onnx: pip install "regscope[onnx]"'
    return None


def onnx_bytes(config: RunConfig, full: Parameters) -> bytes:
    """Return a network as the bytes of an .onnx file.

    Args:
        config: of the run. full: the network for inference.

    Raises:
        FieldError: when the package onnx is missing.
    """
    if (why := missing()) is not None:
        raise FieldError("onnx", why)
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: list[Any] = []
    name = "x"
    for layer, (W, b) in enumerate(zip(full.weights, full.biases, strict=True), start=1):
        last = layer == len(full.weights)
        constants += [
            numpy_helper.from_array(np.ascontiguousarray(W), f"W{layer}"),
            numpy_helper.from_array(np.ascontiguousarray(b), f"b{layer}"),
        ]
        nodes += [
            helper.make_node("MatMul", [name, f"W{layer}"], [f"product{layer}"]),
            helper.make_node("Add", [f"product{layer}", f"b{layer}"], [f"z{layer}"]),
        ]
        function = COSTS[config.cost] if last else ACTIVATIONS[config.activation]
        name = "a" if last else f"a{layer}"
        nodes.append(helper.make_node(function.onnx_operator, [f"z{layer}"], [name], **function.onnx_attributes))
    number = TensorProto.FLOAT if config.dtype == "float32" else TensorProto.DOUBLE
    graph = helper.make_graph(
        nodes,
        "regscope",
        [helper.make_tensor_value_info("x", number, ["batch", full.sizes[0]])],
        [helper.make_tensor_value_info("a", number, ["batch", full.sizes[-1]])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="regscope")
    model.ir_version = 8  # the version of that opset: older programs cannot read a newer one
    helper.set_model_props(model, {"config": json.dumps(config.to_dict(), ensure_ascii=False)})
    return bytes(model.SerializeToString())
