"""Dropout as averaging: thinned networks alone, the average of several, and the full network.

The chapter explains dropout as an average over many networks. Here these networks are measured, alone and together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.learning.network import Architecture, Parameters


@dataclass(frozen=True)
class Committee:
    """Accuracies on the same examples, each 0 … 1.

    Attributes:
        single_accuracies: accuracy of each thinned network (k,).
        average_accuracies: accuracy of the mean output of the first network, of the first two, and so on (k,).
        full: accuracy of the full network, with scaled outgoing weights.
        size: the number of examples.
    """

    single_accuracies: Array
    average_accuracies: Array
    full: float
    size: int


def thinned_outputs(
    architecture: Architecture, parameters: Parameters, x: Array, masks: Sequence[Array], kept_scale: float = 1.0
) -> Array:
    """Return the outputs (n, classes) of a thinned network for x (n, features).

    Args:
        parameters: as trained, not scaled.
        masks: a mask (width,) for each hidden layer; 1 is kept, 0 dropped.
        kept_scale: factor on the kept activations: 1 / keep with inverted scaling, else 1.
    """
    a = x
    with np.errstate(over="ignore"):  # e^−z of a saturated neuron
        for W, b, mask in zip(parameters.weights[:-1], parameters.biases[:-1], masks, strict=True):
            a = a @ W + b
            architecture.activation.apply(a, a)
            a *= mask * a.dtype.type(kept_scale)
        z = a @ parameters.weights[-1] + parameters.biases[-1]
        architecture.cost.output_activation(z, z)
    return z


def measure_committee(
    architecture: Architecture,
    parameters: Parameters,
    full: Parameters,
    x: Array,
    labels: Array,
    masks: Sequence[Sequence[Array]],
    kept_scale: float = 1.0,
) -> Committee:
    """Measure the thinned networks of some masks, alone and together, and the full network.

    Args:
        parameters: as trained. full: scaled for inference.
        x: (n, features). labels: the right labels (n,).
        masks: for each thinned network, a mask for each hidden layer.
        kept_scale: see `thinned_outputs`.
    """
    output_sum = np.zeros((len(x), full.sizes[-1]))
    single_accuracies, average_accuracies = [], []
    for network_masks in masks:
        outputs = thinned_outputs(architecture, parameters, x, network_masks, kept_scale)
        output_sum += outputs
        single_accuracies.append(float((outputs.argmax(axis=1) == labels).mean()))
        average_accuracies.append(float((output_sum.argmax(axis=1) == labels).mean()))
    all_kept = [np.ones(width, bool) for width in full.sizes[1:-1]]
    full_outputs = thinned_outputs(architecture, full, x, all_kept)
    return Committee(
        np.array(single_accuracies),
        np.array(average_accuracies),
        float((full_outputs.argmax(axis=1) == labels).mean()),
        len(labels),
    )
