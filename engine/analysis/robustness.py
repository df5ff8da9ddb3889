"""Robustness: the accuracy of a trained network when neurons are destroyed.

A network trained with dropout does not depend on single neurons. Here hidden neurons of a trained network are set to
0. Nothing else changes: no weight is rescaled, and the network is not trained again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.errors import FieldError
from engine.learning.metrics import CHUNK_EXAMPLES, Measurement, evaluate, summarize
from engine.learning.network import Architecture, Parameters
from engine.randomness import Stream, generator

DESTROYED_SHARES = tuple(i / 10 for i in range(11))
REPETITIONS = 10  # random orders of destruction: enough for a smooth band


@dataclass(frozen=True)
class Robustness:
    """Accuracies, 0 … 1, as more and more neurons are destroyed.

    Attributes:
        shares: the destroyed share of the hidden neurons of each layer (k,).
        accuracies: for each random order and share (repetitions, k). size: the number of examples.
    """

    shares: Array
    accuracies: Array
    size: int

    @property
    def mean(self) -> Array:
        return np.asarray(self.accuracies.mean(axis=0))


def without_neurons(full: Parameters, neurons: Mapping[int, Sequence[int]]) -> Parameters:
    """Return a copy of a network in which the given neurons have no effect on the outputs.

    Args:
        full: the network for inference. neurons: indices of neurons by hidden layer; layers count from 1.

    Raises:
        FieldError: for a layer or a neuron that does not exist.
    """
    reduced = full.copy()
    for layer, indices in neurons.items():
        if not 1 <= layer < len(full.weights):
            raise FieldError("neurons", f"must be of hidden layers 1 to {len(full.weights) - 1}, got layer {layer}")
        width = full.sizes[layer]
        for neuron in indices:
            if not 0 <= neuron < width:
                raise FieldError("neurons", f"of hidden layer {layer} must be from 0 to {width - 1}, got {neuron}")
        reduced.weights[layer][list(indices)] = 0  # (n_in, n_out): a row holds a neuron's outgoing weights
    return reduced


def measure_without_neurons(
    architecture: Architecture, full: Parameters, x: Array, y: Array, neurons: Mapping[int, Sequence[int]]
) -> Measurement:
    """Return the measurement of a network without some of its neurons.

    Args:
        full: the network for inference, with the weights scaled as dropout requires.
        x: (n, features). y: one-hot (n, classes).
        neurons: as in `without_neurons`.
    """
    return summarize(*evaluate(architecture, without_neurons(full, neurons), x, y))


def destruction_order(seed: int, repetition: int, layer: int, width: int) -> Array:
    """Return the order in which the neurons of a layer are destroyed (width,)."""
    return generator(seed, Stream.DESTROYED_NEURONS, repetition, layer).permutation(width)


def measure_robustness(
    architecture: Architecture,
    full: Parameters,
    x: Array,
    y: Array,
    *,
    seed: int = 0,
    shares: Sequence[float] = DESTROYED_SHARES,
    repetitions: int = REPETITIONS,
) -> Robustness:
    """Measure the accuracy as more and more random neurons are destroyed.

    Within a repetition destroyed neurons stay destroyed. The first hidden layer, which takes most of the time, is
    computed only once.

    Args:
        full, x, y: as in `measure_without_neurons`.
        seed: seed of the random orders; use the same for networks that are compared.
        shares: the destroyed shares of each hidden layer's neurons, rising, 0 … 1.
        repetitions: the number of random orders.

    Raises:
        FieldError: for a network without a hidden layer, and for a share outside 0 … 1.
    """
    if len(full.weights) < 2:
        raise FieldError("hidden", "must have a layer: without one there are no neurons to destroy")
    for share in shares:
        if not 0 <= share <= 1:
            raise FieldError("shares", f"must be from 0 to 1, got {share:g}")
    first_activations, upper_layers = _first_activations(architecture, full, x), _upper_layers(full)
    accuracies = np.empty((repetitions, len(shares)))
    for repetition in range(repetitions):
        orders = {
            layer: destruction_order(seed, repetition, layer, width)
            for layer, width in enumerate(full.sizes[1:-1], start=1)
        }
        for column, share in enumerate(shares):
            reduced = upper_layers.copy()
            for layer, order in orders.items():
                reduced.weights[layer - 1][order[: round(share * len(order))]] = 0
            accuracies[repetition, column] = summarize(*evaluate(architecture, reduced, first_activations, y)).accuracy
    return Robustness(np.array(shares), accuracies, len(x))


def _first_activations(architecture: Architecture, full: Parameters, x: Array) -> Array:
    """Return the activations of the first hidden layer (n, width)."""
    activations = np.empty((len(x), full.sizes[1]), dtype=full.flat.dtype)
    with np.errstate(over="ignore"):  # e^−z of a saturated neuron
        for first in range(0, len(x), CHUNK_EXAMPLES):
            rows = slice(first, first + CHUNK_EXAMPLES)
            activations[rows] = x[rows] @ full.weights[0] + full.biases[0]
            architecture.activation.apply(activations[rows], activations[rows])
    return activations


def _upper_layers(full: Parameters) -> Parameters:
    """Return the part of the network above the first hidden layer."""
    weights, biases = full.weights[1:], full.biases[1:]
    flat = np.concatenate([*(W.ravel() for W in weights), *biases])
    return Parameters(full.sizes[1:], flat)
