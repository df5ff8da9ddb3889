"""The confusion matrix and the most confident mistakes, compared with loops over examples."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

from engine import Parameters, RunConfig
from engine.analysis.confusion import Mistake, confusion_matrix, most_confident_mistakes, predict
from engine.families.costs import COSTS
from engine.learning.metrics import CHUNK_EXAMPLES, evaluate
from engine.learning.network import Architecture, initial_parameters

RNG = np.random.default_rng(2)


@pytest.mark.parametrize("cost", ["cross-entropy", "quadratic", "log-likelihood"])
def test_confidence_is_the_largest_output_divided_by_the_sum(cost):
    config = RunConfig.demo(hidden=(5,), cost=cost, dtype="float64")
    parameters = initial_parameters(config, 4, 3)
    x = RNG.normal(size=(2 * CHUNK_EXAMPLES + 30, 4))
    predictions, confidences = predict(Architecture.of(config), parameters, x)
    assert len(predictions) == len(confidences) == len(x)
    for i in [*range(20), CHUNK_EXAMPLES - 1, CHUNK_EXAMPLES, *range(2 * CHUNK_EXAMPLES, 2 * CHUNK_EXAMPLES + 30)]:
        hidden = 1 / (1 + np.exp(-(x[i] @ parameters.weights[0] + parameters.biases[0])))
        z = hidden @ parameters.weights[1] + parameters.biases[1]
        outputs = np.exp(z) if cost == "log-likelihood" else 1 / (1 + np.exp(-z))
        assert predictions[i] == max(range(3), key=lambda k: outputs[k])
        assert confidences[i] == pytest.approx(max(outputs) / sum(outputs), rel=1e-12)


def network_with_outputs(z: list[float]) -> tuple[Architecture, Parameters]:
    """A network with weights of 0, whose outputs depend on its biases only."""
    config = RunConfig.demo(hidden=(), dtype="float32")
    parameters = Parameters.empty((2, len(z)), "float32")
    parameters.biases[0][...] = z
    return Architecture.of(config), parameters


def test_the_confidence_is_exact_if_all_outputs_are_nearly_zero():
    predictions, confidences = predict(*network_with_outputs([-900, -899, -900]), np.ones((1, 2), np.float32))
    assert predictions.tolist() == [1]
    assert confidences[0] == pytest.approx(1 / (1 + 2 * math.exp(-1)), rel=1e-5)


def test_with_two_outputs_rounded_to_1_prediction_and_accuracy_agree():
    network, x = network_with_outputs([30, 40, -5]), np.ones((3, 2), np.float32)
    predictions, confidences = predict(*network, x)
    assert predictions.tolist() == [1, 1, 1]
    assert confidences == pytest.approx(np.full(3, 0.5), abs=0.01)
    labels = np.array([1, 0, 2])
    _, correct = evaluate(*network, x, np.eye(3, dtype=np.float32)[labels])
    assert np.trace(confusion_matrix(labels, predictions, 3)) == correct.sum() == 1


@pytest.mark.parametrize("classes", [2, 10, 100])
@pytest.mark.parametrize("dtype", ["uint8", "int64"])
def test_the_matrix_counts_every_pair_of_label_and_prediction(classes, dtype):
    labels, predictions = RNG.integers(0, classes, 500).astype(dtype), RNG.integers(0, classes, 500)
    matrix = confusion_matrix(labels, predictions, classes)
    expected = np.zeros((classes, classes), int)
    for label, prediction in zip(labels, predictions, strict=True):
        expected[label, prediction] += 1
    assert matrix.tolist() == expected.tolist()


def test_mistakes_are_sorted_by_confidence_without_correct_predictions():
    labels, predictions = np.array([0, 0, 1, 0, 0]), np.array([0, 1, 0, 1, 2])
    confidences = np.array([0.9, 0.8, 0.6, 0.95, 0.8])
    most_confident = [Mistake(3, 0, 1, 0.95), Mistake(1, 0, 1, 0.8), Mistake(4, 0, 2, 0.8), Mistake(2, 1, 0, 0.6)]
    for count in range(7):
        assert most_confident_mistakes(labels, predictions, confidences, count) == most_confident[:count]
    assert most_confident_mistakes(predictions, predictions, confidences, 5) == []


@pytest.mark.parametrize("cost", ["cross-entropy", "log-likelihood"])
def test_saturated_outputs_raise_no_warning(cost):
    architecture, parameters = network_with_outputs([-900, 900, -900])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        predictions, confidences = predict(
            replace(architecture, cost=COSTS[cost]), parameters, np.ones((1, 2), np.float32)
        )
    assert (predictions.tolist(), confidences.tolist()) == ([1], [1.0])
