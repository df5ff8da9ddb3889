"""What is taken for what, example by example."""

from __future__ import annotations

import numpy as np
import pytest

from engine import RunConfig
from engine.confusion import Mistake, confusion_matrix, shares, surest_mistakes
from engine.network import Architecture, initial_parameters

RNG = np.random.default_rng(2)


@pytest.mark.parametrize("cost", ["cross-entropy", "quadratic", "log-likelihood"])
def test_the_shares_are_the_outputs_divided_by_their_sum(cost):
    config = RunConfig(hidden=(5,), cost=cost, dtype="float64")
    parameters = initial_parameters(config, 4, 3)
    x = RNG.normal(size=(30, 4))
    found = shares(Architecture.of(config), parameters, x)
    for row, example in zip(found, x, strict=True):
        hidden = 1 / (1 + np.exp(-(example @ parameters.weights[0] + parameters.biases[0])))
        z = hidden @ parameters.weights[1] + parameters.biases[1]
        outputs = np.exp(z) if cost == "log-likelihood" else 1 / (1 + np.exp(-z))
        np.testing.assert_allclose(row, outputs / outputs.sum(), rtol=1e-12)


def test_a_network_whose_outputs_are_all_zero_still_answers_with_the_highest():
    config = RunConfig(hidden=(), dtype="float32")
    parameters = initial_parameters(config, 2, 3)
    parameters.weights[0][...] = 0
    parameters.biases[0][...] = (-900, -800, -1000)
    assert shares(Architecture.of(config), parameters, np.ones((1, 2), np.float32)).tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_the_matrix_counts_every_pair_of_what_it_is_and_what_it_is_taken_for(classes):
    labels, answers = RNG.integers(0, classes, 500), RNG.integers(0, classes, 500)
    matrix = confusion_matrix(labels, answers, classes)
    expected = np.zeros((classes, classes), int)
    for label, answer in zip(labels, answers, strict=True):
        expected[label, answer] += 1
    assert matrix.tolist() == expected.tolist()


def test_the_surest_mistakes_come_first_and_right_answers_not_at_all():
    found = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.05, 0.95]])
    labels = np.array([0, 0, 0, 0])
    assert surest_mistakes(found, labels, 2) == [Mistake(3, 0, 1, 0.95), Mistake(1, 0, 1, 0.8)]
    assert surest_mistakes(found, found.argmax(axis=1), 5) == []
