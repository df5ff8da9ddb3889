"""The outputs of a trained network, for programs that use the engine."""

from __future__ import annotations

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.errors import FieldError
from engine.learning.dropout import keep_probabilities
from engine.learning.network import Architecture, Parameters, scaled_for_inference, weighted_outputs


def outputs(config: RunConfig, parameters: Parameters, x: Array) -> Array:
    """Return the outputs of the full network, with dropout off.

    Args:
        config: of the run. parameters: as trained, such as `Training.parameters` or those of `load_weights`.
        x: the inputs (batch, n_in), scaled as in training: see `RunData.scaling`.

    Returns:
        (batch, n_out), one output for each class; the largest is that of the predicted class.

    Raises:
        FieldError: for inputs of another shape.
    """
    inputs = parameters.sizes[0]
    if x.ndim != 2 or x.shape[1] != inputs:
        raise FieldError("x", f"must be (batch, {inputs}), got {x.shape}: give a row for each example")
    full = parameters
    if config.dropout_scaling != "inverted":
        full = scaled_for_inference(parameters, keep_probabilities(config, len(parameters.weights)))
    architecture = Architecture.of(config)
    a = weighted_outputs(architecture, full, x.astype(np.dtype(config.dtype), copy=False))
    architecture.cost.output_activation(a, a)
    return a
