"""The book's published curves of its 1,000-image experiment, with the recipe written out here.

Nothing of `engine.book` is used: the draws of the book's generators and Python 2's shuffle are told
again, and only the updates and the measurements are the engine's.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from engine import Dataset, Parameters, RunConfig, Training, data_folder, select
from engine.book import CurveDifference, Curves, compare_curves
from tests.conftest import skip_or_fail

pytestmark = pytest.mark.mnist

SEED = 12345678
N, TEST = 1_000, 10_000
LAMBDAS = {"overfitting": 0.0, "regularized": 0.1}


def published(name: str) -> list[list[float]]:
    """Test cost, test accuracy, training cost, training accuracy, each for 400 epochs."""
    path = data_folder() / "book" / f"{name}.json"
    if not path.is_file():
        skip_or_fail(f"put the book's published {path.name} into book/ of the folder that REGSCOPE_DATA names")
    lists = json.loads(path.read_text())
    assert [len(each) for each in lists] == [400] * 4
    return lists


def drawn_parameters() -> Parameters:
    """b1, b2, W1, W2 from legacy randn, twice over; the second draw is the one that trains."""
    legacy = np.random.RandomState(SEED)
    for _ in range(2):
        b1, b2 = legacy.randn(30, 1), legacy.randn(10, 1)
        W1, W2 = legacy.randn(30, 784), legacy.randn(10, 30)
    return Parameters((784, 30, 10), np.concatenate([W1.T.ravel(), W2.T.ravel(), b1.ravel(), b2.ravel()]))


def shuffled_orders(epochs: int) -> list[np.ndarray]:
    """Python 2's random.shuffle before each epoch, always of the list as the last one left it."""
    python2 = random.Random(SEED)
    items, orders = list(range(N)), []
    for _ in range(epochs):
        for i in reversed(range(1, N)):
            j = int(python2.random() * (i + 1))
            items[i], items[j] = items[j], items[i]
        orders.append(np.array(items))
    return orders


def config_of(name: str, epochs: int) -> RunConfig:
    return RunConfig(
        dataset="mnist",
        train_size=N,
        label_noise=0.0,
        hidden=(30,),
        l2=LAMBDAS[name],
        drop_probability=0.0,
        learning_rate=0.5,
        mini_batch_size=10,
        epochs=epochs,
        dtype="float64",
        measure_all=True,
        evaluate_on="test",
    )


def reproduced(name: str, epochs: int, mnist: Dataset) -> tuple[list[list[float]], Training]:
    """The four lists as the book counts: ½ λ Σ w² is divided by the size of the set being measured."""
    config, orders = config_of(name, epochs), shuffled_orders(epochs)
    training = Training(
        config, select(config, mnist), parameters=drawn_parameters(), order=lambda epoch: orders[epoch - 1]
    )
    lists: list[list[float]] = [[], [], [], []]
    while not training.finished:
        training.run(training.steps_per_epoch)
        snapshot = training.measure()
        half = 0.5 * config.l2 * sum(float(np.sum(W**2)) for W in training.parameters.weights)
        assert (snapshot.training.size, snapshot.evaluation.size) == (N, TEST)
        curves = (
            snapshot.evaluation.cost + half / TEST,
            snapshot.evaluation.correct,
            snapshot.training.cost + half / N,
            snapshot.training.correct,
        )
        for each, figure in zip(lists, curves, strict=True):
            each.append(figure)
        # the consistent ledger: the penalty a snapshot reports is that of the training set
        assert snapshot.penalty == pytest.approx(half / N, rel=1e-12)
    return lists, training


def assert_are_the_books(lists: list[list[float]], name: str) -> None:
    theirs = published(name)
    epochs = len(lists[0])
    for costs in (0, 2):
        assert lists[costs] == pytest.approx(theirs[costs][:epochs], abs=1e-9, rel=0)
    for counts in (1, 3):
        assert lists[counts] == theirs[counts][:epochs]


@pytest.mark.parametrize("name", LAMBDAS)
def test_the_first_three_epochs_are_the_books(name: str, mnist: Dataset) -> None:
    lists, _ = reproduced(name, 3, mnist)
    assert_are_the_books(lists, name)


@pytest.fixture(scope="module")
def whole(mnist: Dataset) -> dict[str, tuple[list[list[float]], Training]]:
    return {name: reproduced(name, 400, mnist) for name in LAMBDAS}


@pytest.mark.slow
@pytest.mark.parametrize("name", LAMBDAS)
def test_all_400_epochs_are_the_books(name: str, whole: dict) -> None:
    assert_are_the_books(whole[name][0], name)


@pytest.mark.slow
def test_l2_ends_at_least_three_points_of_test_accuracy_above_none(whole: dict) -> None:
    last = {name: lists[1][-1] for name, (lists, _) in whole.items()}
    assert last["regularized"] - last["overfitting"] >= 0.03 * TEST


@pytest.mark.slow
def test_the_weights_of_pixels_that_are_always_zero_decay_by_the_factor_alone(whole: dict) -> None:
    for name, lmbda in LAMBDAS.items():
        training = whole[name][1]
        dark = ~training.data.x.any(axis=0)
        start, end = (p.weights[0][dark] for p in (drawn_parameters(), training.parameters))
        assert start.size == 5_250
        assert training.step == 40_000
        assert end == pytest.approx(start * (1 - 0.5 * lmbda / N) ** 40_000, rel=1e-11, abs=0)
    assert pytest.approx(0.13533, abs=5e-6) == (1 - 5e-5) ** 40_000


@pytest.mark.slow
def test_with_the_engines_own_seeds_l2_gains_three_points_too(mnist: Dataset) -> None:
    accuracy = {}
    for name in LAMBDAS:
        engine_own = {"initializer": "large", "seed": RunConfig().seed, "dtype": "float32", "measure_all": False}
        config = replace(config_of(name, 400), **engine_own)
        training = Training(config, select(config, mnist))
        while not training.finished:
            training.run(training.steps_per_epoch)
        accuracy[name] = training.measure().evaluation.accuracy
    assert accuracy["regularized"] - accuracy["overfitting"] >= 0.03


def test_runs_of_different_length_are_compared_as_far_as_both_go():
    short = Curves([1.0, 2.0], [5, 6], [1.0, 2.0], [5, 6])
    long = Curves([1.0, 2.25, 9.0], [5, 7, 1], [1.0, 2.0, 9.0], [5, 6, 1])
    for one, other in ((short, long), (long, short)):
        assert compare_curves(one, other) == CurveDifference(epochs=2, max_cost_difference=0.25, differing_counts=1)
