"""What is taken for what, example by example."""

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
def test_how_sure_is_the_largest_output_divided_by_the_sum_of_all(cost):
    config = RunConfig.demo(hidden=(5,), cost=cost, dtype="float64")
    parameters = initial_parameters(config, 4, 3)
    x = RNG.normal(size=(2 * CHUNK_EXAMPLES + 30, 4))
    answers, sure = predict(Architecture.of(config), parameters, x)
    assert len(answers) == len(sure) == len(x)
    for i in [*range(20), CHUNK_EXAMPLES - 1, CHUNK_EXAMPLES, *range(2 * CHUNK_EXAMPLES, 2 * CHUNK_EXAMPLES + 30)]:
        hidden = 1 / (1 + np.exp(-(x[i] @ parameters.weights[0] + parameters.biases[0])))
        z = hidden @ parameters.weights[1] + parameters.biases[1]
        outputs = np.exp(z) if cost == "log-likelihood" else 1 / (1 + np.exp(-z))
        assert answers[i] == max(range(3), key=lambda k: outputs[k])
        assert sure[i] == pytest.approx(max(outputs) / sum(outputs), rel=1e-12)


def with_outputs(z: list[float]) -> tuple[Architecture, Parameters]:
    """A network that weighs its inputs by nothing: its outputs are its biases'."""
    config = RunConfig.demo(hidden=(), dtype="float32")
    parameters = Parameters.empty((2, len(z)), "float32")
    parameters.biases[0][...] = z
    return Architecture.of(config), parameters


def test_of_outputs_that_are_all_next_to_nothing_the_highest_is_no_surer_than_it_is():
    answers, sure = predict(*with_outputs([-900, -899, -900]), np.ones((1, 2), np.float32))
    assert answers.tolist() == [1]
    assert sure[0] == pytest.approx(1 / (1 + 2 * math.exp(-1)), rel=1e-5)


def test_with_two_outputs_rounded_to_1_the_answer_is_that_of_the_accuracy():
    network, x = with_outputs([30, 40, -5]), np.ones((3, 2), np.float32)
    answers, sure = predict(*network, x)
    assert answers.tolist() == [1, 1, 1]
    assert sure == pytest.approx(np.full(3, 0.5), abs=0.01)
    labels = np.array([1, 0, 2])
    _, correct = evaluate(*network, x, np.eye(3, dtype=np.float32)[labels])
    assert np.trace(confusion_matrix(labels, answers, 3)) == correct.sum() == 1


@pytest.mark.parametrize("classes", [2, 10, 100])
@pytest.mark.parametrize("dtype", ["uint8", "int64"])
def test_the_matrix_counts_every_pair_of_what_it_is_and_what_it_is_taken_for(classes, dtype):
    labels, answers = RNG.integers(0, classes, 500).astype(dtype), RNG.integers(0, classes, 500)
    matrix = confusion_matrix(labels, answers, classes)
    expected = np.zeros((classes, classes), int)
    for label, answer in zip(labels, answers, strict=True):
        expected[label, answer] += 1
    assert matrix.tolist() == expected.tolist()


def test_the_surest_mistakes_come_first_and_right_answers_not_at_all():
    labels, answers = np.array([0, 0, 1, 0, 0]), np.array([0, 1, 0, 1, 2])
    sure = np.array([0.9, 0.8, 0.6, 0.95, 0.8])
    surest = [Mistake(3, 0, 1, 0.95), Mistake(1, 0, 1, 0.8), Mistake(4, 0, 2, 0.8), Mistake(2, 1, 0, 0.6)]
    for count in range(7):
        assert most_confident_mistakes(labels, answers, sure, count) == surest[:count]
    assert most_confident_mistakes(answers, answers, sure, 5) == []


@pytest.mark.parametrize("cost", ["cross-entropy", "log-likelihood"])
def test_saturated_outputs_raise_no_warning(cost):
    architecture, parameters = with_outputs([-900, 900, -900])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answers, sure = predict(replace(architecture, cost=COSTS[cost]), parameters, np.ones((1, 2), np.float32))
    assert (answers.tolist(), sure.tolist()) == ([1], [1.0])
