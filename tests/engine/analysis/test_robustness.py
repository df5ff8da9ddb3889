"""Destroyed neurons, compared with networks without these neurons."""

from __future__ import annotations

import numpy as np
import pytest

from engine import FieldError, Parameters, RunConfig, Training, initial_parameters, select
from engine.analysis.robustness import destruction_order, measure_robustness, measure_without_neurons, without_neurons
from engine.learning.metrics import evaluate, summarize
from engine.learning.network import Architecture


@pytest.fixture(scope="module")
def trained(digits):
    config = RunConfig.demo(
        hidden=(30, 20), epochs=30, drop_probability=0.1, label_noise=0.0, learning_rate=1.0, l2=0.0
    )
    training = Training(config, select(config, digits))
    while not training.finished:
        training.run(training.steps_per_epoch)
    y = np.eye(10, dtype=np.float32)[training.data.evaluation.labels]
    return Architecture.of(config), training.inference_parameters(), training.data.evaluation.x, y


def cut_out(full: Parameters, destroyed: dict[int, list[int]]) -> Parameters:
    """The network without these neurons."""
    weights, biases = [W.copy() for W in full.weights], [b.copy() for b in full.biases]
    for layer, indices in destroyed.items():
        weights[layer - 1] = np.delete(weights[layer - 1], indices, axis=1)
        biases[layer - 1] = np.delete(biases[layer - 1], indices)
        weights[layer] = np.delete(weights[layer], indices, axis=0)
    sizes = (full.sizes[0], *(len(b) for b in biases))
    return Parameters(sizes, np.concatenate([*(W.ravel() for W in weights), *biases]))


@pytest.mark.parametrize("destroyed", [{1: [0, 7, 29]}, {2: [3]}, {1: list(range(20)), 2: [0, 19]}])
def test_destroying_neurons_equals_cutting_them_out(trained, destroyed):
    architecture, full, x, y = trained
    expected = summarize(*evaluate(architecture, cut_out(full, destroyed), x, y))
    found = measure_without_neurons(architecture, full, x, y, destroyed)
    assert (found.correct, found.size) == (expected.correct, expected.size)
    assert found.cost == pytest.approx(expected.cost, rel=1e-5)


def test_destroying_neurons_does_not_change_the_network_itself(trained):
    architecture, full, x, y = trained
    before = full.flat.copy()
    assert measure_without_neurons(architecture, full, x, y, {}) == summarize(*evaluate(architecture, full, x, y))
    without_neurons(full, {1: range(30)})
    np.testing.assert_array_equal(full.flat, before)


def test_without_neurons_every_example_gets_the_same_prediction(trained):
    architecture, full, x, y = trained
    prediction = int(np.argmax(full.biases[-1]))
    found = measure_without_neurons(architecture, full, x, y, {2: range(20)})
    assert found.correct == int(y[:, prediction].sum())


def test_a_curve_equals_that_of_a_plain_loop(trained):
    architecture, full, x, y = trained
    found = measure_robustness(architecture, full, x, y, seed=3, shares=(0, 0.25, 0.5, 1), repetitions=2)
    for repetition in range(2):
        for at, share in enumerate((0, 0.25, 0.5, 1)):
            destroyed = {
                layer: destruction_order(3, repetition, layer, width)[: round(share * width)].tolist()
                for layer, width in ((1, 30), (2, 20))
            }
            expected = summarize(*evaluate(architecture, cut_out(full, destroyed), x, y)) if share < 1 else None
            if expected:
                assert found.accuracies[repetition, at] == expected.accuracy
    assert found.mean[0] == summarize(*evaluate(architecture, full, x, y)).accuracy
    assert found.mean[-1] < 0.2 < found.mean[0]
    assert found.size == len(x)


def test_the_order_of_destruction_depends_on_seed_and_repetition():
    np.testing.assert_array_equal(destruction_order(1, 0, 1, 50), destruction_order(1, 0, 1, 50))
    assert sorted(destruction_order(1, 0, 1, 50)) == list(range(50))
    assert not np.array_equal(destruction_order(1, 0, 1, 50), destruction_order(1, 1, 1, 50))
    assert not np.array_equal(destruction_order(1, 0, 1, 50), destruction_order(2, 0, 1, 50))


@pytest.mark.parametrize("neurons", [{0: [1]}, {3: [1]}, {1: [30]}, {2: [-1]}])
def test_a_neuron_that_does_not_exist_is_refused(trained, neurons):
    with pytest.raises(FieldError, match="neurons"):
        without_neurons(trained[1], neurons)


def test_a_network_without_hidden_layers_is_refused():
    config = RunConfig.demo(hidden=())
    with pytest.raises(FieldError, match="hidden must have a layer"):
        measure_robustness(
            Architecture.of(config), initial_parameters(config, 4, 2), np.zeros((3, 4)), np.zeros((3, 2))
        )


def test_a_share_above_1_is_refused(trained):
    with pytest.raises(FieldError, match="shares must be from 0 to 1"):
        measure_robustness(*trained, shares=(0, 1.5))
