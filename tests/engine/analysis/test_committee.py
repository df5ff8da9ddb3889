"""A committee of thinned networks, compared with networks whose rows and columns are deleted."""

from __future__ import annotations

import numpy as np
import pytest

from engine import RunConfig
from engine.analysis.committee import measure_committee, thinned_outputs
from engine.learning.network import Architecture, Parameters, initial_parameters, scaled_for_inference
from tests.engine.by_hand import activation

CONFIG = RunConfig.demo(hidden=(7, 5), dtype="float64", activation="tanh", cost="log-likelihood")
RNG = np.random.default_rng(4)
X, LABELS = RNG.normal(size=(40, 6)), RNG.integers(0, 3, 40)
MASKS = [[RNG.permutation(7) < 4, RNG.permutation(5) < 2] for _ in range(9)]


def delete_dropped(parameters: Parameters, masks: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The layers of the network without the dropped neurons."""
    ends = [np.arange(parameters.sizes[0]), *(np.flatnonzero(mask) for mask in masks), np.arange(parameters.sizes[-1])]
    layers = zip(parameters.weights, parameters.biases, strict=True)
    return [(W[rows][:, columns], b[columns]) for (W, b), rows, columns in zip(layers, ends, ends[1:], strict=False)]


def softmax_outputs(layers: list[tuple[np.ndarray, np.ndarray]], scale: float) -> np.ndarray:
    """Softmax outputs, example by example and neuron by neuron."""
    found = []
    for x in X:
        a = list(x)
        for W, b in layers[:-1]:
            a = [scale * activation("tanh", sum(a[j] * W[j, k] for j in range(len(a))) + b[k]) for k in range(len(b))]
        W, b = layers[-1]
        z = np.array([sum(a[j] * W[j, k] for j in range(len(a))) + b[k] for k in range(len(b))])
        found.append(np.exp(z) / np.exp(z).sum())
    return np.array(found)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_thinned_network_equals_the_network_without_the_dropped_neurons(scale):
    parameters = initial_parameters(CONFIG, 6, 3)
    for masks in MASKS:
        expected = softmax_outputs(delete_dropped(parameters, masks), scale)
        found = thinned_outputs(Architecture.of(CONFIG), parameters, X, masks, scale)
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_committee_measures_members_averages_and_the_full_network():
    parameters = initial_parameters(CONFIG, 6, 3)
    full = scaled_for_inference(parameters, [1.0, 0.5, 0.4])
    before = parameters.flat.copy()
    found = measure_committee(Architecture.of(CONFIG), parameters, full, X, LABELS, MASKS)
    every = [softmax_outputs(delete_dropped(parameters, masks), 1.0) for masks in MASKS]
    for k, one in enumerate(every, start=1):
        assert found.single_accuracies[k - 1] == np.mean(
            [row.argmax() == label for row, label in zip(one, LABELS, strict=True)]
        )
        mean = sum(every[:k]) / k
        assert found.average_accuracies[k - 1] == np.mean(mean.argmax(axis=1) == LABELS)
    full_outputs = softmax_outputs(delete_dropped(full, [np.ones(7), np.ones(5)]), 1.0)
    assert found.full == np.mean(full_outputs.argmax(axis=1) == LABELS)
    assert found.size == 40
    assert (parameters.flat == before).all()
