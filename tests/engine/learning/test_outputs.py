"""Outputs of a network, compared with the formula of each layer."""

from __future__ import annotations

import numpy as np
import pytest

from engine import FieldError, RunConfig, Training, dataset_of, initial_parameters, outputs, select


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(("scaling", "keep"), [("classic", 0.75), ("inverted", 1.0)])
def test_outputs_are_computed_with_the_full_network(scaling, keep):
    config = RunConfig(hidden=(7, 5), drop_probability=0.25, dropout_scaling=scaling, dtype="float64")
    parameters = initial_parameters(config, 3, 4)
    (first, second, third), (b1, b2, b3) = parameters.weights, parameters.biases
    x = np.random.default_rng(1).normal(size=(6, 3))
    hidden = sigmoid(sigmoid(x @ first + b1) * keep @ second + b2)
    np.testing.assert_allclose(outputs(config, parameters, x), sigmoid(hidden * keep @ third + b3), rtol=1e-12)


def test_softmax_outputs_add_up_to_one():
    config = RunConfig(hidden=(), cost="log-likelihood")
    found = outputs(config, initial_parameters(config, 3, 4), np.ones((2, 3)))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)


def test_the_largest_outputs_give_the_measured_accuracy():
    config = RunConfig(train_size=200, hidden=(20,), drop_probability=0.5, epochs=2)
    data = select(config, dataset_of(config))
    training = Training(config, data)
    training.run(20)
    answers = outputs(config, training.parameters, data.evaluation.x).argmax(axis=1)
    assert (answers == data.evaluation.labels).sum() == training.measure().evaluation.correct


@pytest.mark.parametrize("shape", [(3,), (2, 4), (1, 2, 3)])
def test_inputs_of_another_shape_are_refused(shape):
    config = RunConfig(hidden=())
    with pytest.raises(FieldError, match=r"x must be \(batch, 3\)"):
        outputs(config, initial_parameters(config, 3, 4), np.ones(shape))
