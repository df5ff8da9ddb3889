"""Dropout as a committee: thinned networks alone, the average of several, and the full one that stands for all.

The chapter's reason why dropout helps is that it is like averaging a great many networks. Here they
are, asked one by one and together.
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
        singles: of each thinned network alone (k,).
        averages: of the first one, the first two, … together: of the mean of their outputs (k,).
        full: of the full network, its outgoing weights scaled.
        size: the number of examples.
    """

    singles: Array
    averages: Array
    full: float
    size: int


def thinned_outputs(
    architecture: Architecture, parameters: Parameters, x: Array, masks: Sequence[Array], boost: float = 1.0
) -> Array:
    """What a thinned network answers: the outputs (n, classes) for x (n, features).

    Args:
        parameters: as trained, not scaled.
        masks: for each hidden layer, 1 kept and 0 dropped, (width,).
        boost: what the kept activations are multiplied by: 1 / keep with inverted scaling, else 1.
    """
    a = x
    with np.errstate(over="ignore"):  # e^−z of a saturated neuron
        for W, b, mask in zip(parameters.weights[:-1], parameters.biases[:-1], masks, strict=True):
            a = a @ W + b
            architecture.activation.apply(a, a)
            a *= mask * a.dtype.type(boost)
        z = a @ parameters.weights[-1] + parameters.biases[-1]
        architecture.cost.output(z, z)
    return z


def committee(
    architecture: Architecture,
    parameters: Parameters,
    full: Parameters,
    x: Array,
    labels: Array,
    masks: Sequence[Sequence[Array]],
    boost: float = 1.0,
) -> Committee:
    """Ask the thinned networks of some masks, alone and together, and the full network.

    Args:
        parameters: as trained. full: scaled for inference.
        x: (n, features). labels: (n,), the right ones.
        masks: for each thinned network, a mask for each hidden layer.
        boost: see `thinned_outputs`.
    """
    total = np.zeros((len(x), full.sizes[-1]))
    singles, averages = [], []
    for one in masks:
        answer = thinned_outputs(architecture, parameters, x, one, boost)
        total += answer
        singles.append(float((answer.argmax(axis=1) == labels).mean()))
        averages.append(float((total.argmax(axis=1) == labels).mean()))
    everyone = [np.ones(width, bool) for width in full.sizes[1:-1]]
    whole = thinned_outputs(architecture, full, x, everyone)
    return Committee(np.array(singles), np.array(averages), float((whole.argmax(axis=1) == labels).mean()), len(labels))
