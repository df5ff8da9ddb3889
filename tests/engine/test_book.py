"""The published curves of the book's experiment with 1,000 images.

The random numbers and the shuffling of the book's Python 2 program are written here without
`engine.book`. Updates and measurements are those of the engine.
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


def initial_parameters_of_book() -> Parameters:
    """b1, b2, W1 and W2 from the legacy randn, drawn twice; the second draw is used."""
    legacy = np.random.RandomState(SEED)
    for _ in range(2):
        b1, b2 = legacy.randn(30, 1), legacy.randn(10, 1)
        W1, W2 = legacy.randn(30, 784), legacy.randn(10, 30)
    return Parameters((784, 30, 10), np.concatenate([W1.T.ravel(), W2.T.ravel(), b1.ravel(), b2.ravel()]))


def shuffled_orders(epochs: int) -> list[np.ndarray]:
    """The orders of the epochs by `random.shuffle` of Python 2, each shuffling the previous order."""
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


def reproduce(name: str, epochs: int, mnist: Dataset) -> tuple[list[list[float]], Training]:
    """The four curves as defined in the book: ½ λ Σ w² is divided by the size of the measured set."""
    config, orders = config_of(name, epochs), shuffled_orders(epochs)
    training = Training(
        config, select(config, mnist), parameters=initial_parameters_of_book(), order=lambda epoch: orders[epoch - 1]
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
        for values, value in zip(lists, curves, strict=True):
            values.append(value)
        # The penalty of a snapshot is always that of the training set.
        assert snapshot.penalty == pytest.approx(half / N, rel=1e-12)
    return lists, training


def assert_equal_published(lists: list[list[float]], name: str) -> None:
    expected = published(name)
    epochs = len(lists[0])
    for costs in (0, 2):
        assert lists[costs] == pytest.approx(expected[costs][:epochs], abs=1e-9, rel=0)
    for counts in (1, 3):
        assert lists[counts] == expected[counts][:epochs]


@pytest.mark.parametrize("name", LAMBDAS)
def test_the_first_three_epochs_equal_the_published_curves(name: str, mnist: Dataset) -> None:
    lists, _ = reproduce(name, 3, mnist)
    assert_equal_published(lists, name)


@pytest.fixture(scope="module")
def all_epochs(mnist: Dataset) -> dict[str, tuple[list[list[float]], Training]]:
    return {name: reproduce(name, 400, mnist) for name in LAMBDAS}


@pytest.mark.slow
@pytest.mark.parametrize("name", LAMBDAS)
def test_all_400_epochs_equal_the_published_curves(name: str, all_epochs: dict) -> None:
    assert_equal_published(all_epochs[name][0], name)


@pytest.mark.slow
def test_l2_gains_at_least_three_points_of_test_accuracy(all_epochs: dict) -> None:
    last = {name: lists[1][-1] for name, (lists, _) in all_epochs.items()}
    assert last["regularized"] - last["overfitting"] >= 0.03 * TEST


@pytest.mark.slow
def test_weights_of_pixels_that_are_always_zero_only_decay(all_epochs: dict) -> None:
    for name, lmbda in LAMBDAS.items():
        training = all_epochs[name][1]
        always_zero = ~training.data.x.any(axis=0)
        start, end = (p.weights[0][always_zero] for p in (initial_parameters_of_book(), training.parameters))
        assert start.size == 5_250
        assert training.step == 40_000
        assert end == pytest.approx(start * (1 - 0.5 * lmbda / N) ** 40_000, rel=1e-11, abs=0)
    assert pytest.approx(0.13533, abs=5e-6) == (1 - 5e-5) ** 40_000


@pytest.mark.slow
def test_l2_gains_three_points_with_the_initializer_of_the_engine(mnist: Dataset) -> None:
    accuracy = {}
    for name in LAMBDAS:
        changes = {"initializer": "large", "seed": RunConfig().seed, "dtype": "float32", "measure_all": False}
        config = replace(config_of(name, 400), **changes)
        training = Training(config, select(config, mnist))
        while not training.finished:
            training.run(training.steps_per_epoch)
        accuracy[name] = training.measure().evaluation.accuracy
    assert accuracy["regularized"] - accuracy["overfitting"] >= 0.03


def test_curves_of_different_lengths_are_compared_up_to_the_shorter():
    short = Curves([1.0, 2.0], [5, 6], [1.0, 2.0], [5, 6])
    long = Curves([1.0, 2.25, 9.0], [5, 7, 1], [1.0, 2.0, 9.0], [5, 6, 1])
    for one, other in ((short, long), (long, short)):
        assert compare_curves(one, other) == CurveDifference(epochs=2, max_cost_difference=0.25, differing_counts=1)
