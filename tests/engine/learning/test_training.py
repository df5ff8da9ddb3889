"""Whole runs against the same runs done by hand, one example and one weight at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import FieldError, RunConfig, Snapshot, Training, initial_parameters, select, train
from engine.data.dataset import Dataset, Labelled
from engine.learning.metrics import Measurement, evaluate
from tests.engine import by_hand
from tests.engine.by_hand import ACTIVATIONS, COSTS, Net
from tests.engine.toys import run_all, run_by_hand, toy_config, toy_dataset, toy_training

REGULARIZERS: dict[str, dict[str, Any]] = {
    "none": {},
    "L2": {"l2": 2.0},
    "L1": {"l1": 0.5},
    "L1, clip": {"l1": 0.5, "l1_rule": "clip"},
    "L1, proximal": {"l1": 0.5, "l1_rule": "proximal"},
    "elastic net": {"l1": 0.5, "l2": 2.0},
    "elastic net, clip": {"l1": 0.5, "l2": 2.0, "l1_rule": "clip"},
    "elastic net, proximal": {"l1": 0.5, "l2": 2.0, "l1_rule": "proximal"},
    "elastic net beyond the sign flip": {"l1": 0.5, "l2": 40.0},
    "max-norm": {"max_norm": 0.8},
    "max-norm, L2": {"max_norm": 0.8, "l2": 2.0},
}
DROPOUTS: dict[str, dict[str, Any]] = {
    "the chapter's": {"drop_probability": 0.5},
    "by a coin": {"drop_probability": 0.5, "dropout_count": "bernoulli"},
    "by a coin that drops nearly all": {"drop_probability": 0.9, "dropout_count": "bernoulli"},
    "per example": {"drop_probability": 0.3, "dropout_mask": "example"},
    "inverted": {"drop_probability": 0.5, "dropout_scaling": "inverted"},
    "of the inputs": {"input_drop_probability": 0.25},
    "of the inputs, inverted, per example": {
        "drop_probability": 0.5,
        "input_drop_probability": 0.5,
        "dropout_scaling": "inverted",
        "dropout_mask": "example",
    },
}
DEPTHS = [(), (5,), (4, 5, 3)]


def assert_run_is_the_one_by_hand(config: RunConfig) -> None:
    data = select(config, toy_dataset())
    start = initial_parameters(config, 4, 3)
    training = Training(config, data)
    recorded = run_all(training)
    net, costs = run_by_hand(config, start, data)
    assert data.n % config.mini_batch_size == 1  # the last mini-batch of an epoch is short
    assert training.parameters.flat == pytest.approx(net.flat(), rel=1e-12, abs=1e-12)
    assert recorded == pytest.approx(costs, rel=1e-11)


@pytest.mark.parametrize("hidden", DEPTHS)
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_a_run_is_the_one_by_hand(regularizer: str, cost: str, hidden: tuple[int, ...]) -> None:
    assert_run_is_the_one_by_hand(toy_config(hidden=hidden, cost=cost, **REGULARIZERS[regularizer]))


@pytest.mark.parametrize("hidden", DEPTHS)
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("dropout", DROPOUTS)
def test_a_run_with_dropout_is_the_one_by_hand(dropout: str, cost: str, hidden: tuple[int, ...]) -> None:
    assert_run_is_the_one_by_hand(toy_config(hidden=hidden, cost=cost, l2=2.0, **DROPOUTS[dropout]))


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_run_of_everything_at_once_is_the_one_by_hand(activation: str, regularizer: str) -> None:
    changes = {**REGULARIZERS[regularizer], **DROPOUTS["the chapter's"], "input_drop_probability": 0.25}
    assert_run_is_the_one_by_hand(
        toy_config(hidden=(5, 4), activation=activation, initializer="large", seed=9, **changes)
    )


def by_hand_measurement(config: RunConfig, net: Net, x: np.ndarray, y: np.ndarray) -> Measurement:
    costs, correct = [], 0
    for example, target in zip(x.tolist(), y.tolist(), strict=True):
        a = by_hand.outputs(config.cost, by_hand.forward(config, net, example).z[-1])
        costs.append(by_hand.cost_of(config.cost, a, target))
        correct += a.index(max(a)) == target.index(1)
    return Measurement(sum(costs) / len(costs), correct, len(costs))


def assert_close(measured: Measurement | None, expected: Measurement) -> None:
    assert measured is not None
    assert measured.cost == pytest.approx(expected.cost, rel=1e-10)
    assert (measured.correct, measured.size) == (expected.correct, expected.size)
    assert measured.accuracy == expected.correct / expected.size


@pytest.mark.parametrize("evaluation", ["validation", "test"])
@pytest.mark.parametrize("dropout", [{}, *DROPOUTS.values()])
def test_a_snapshot_is_the_full_network_measured_by_hand(dropout: dict[str, Any], evaluation: str) -> None:
    config = toy_config(hidden=(5, 4), l1=0.5, l2=2.0, label_noise=0.3, evaluate_on=evaluation, **dropout)
    dataset = toy_dataset()
    training = toy_training(config, dataset)
    training.run(2)
    snapshot, data = training.measure(), training.data
    raw = Net.of(training.parameters)
    net = by_hand.inference(config, raw)
    wrong = data.labels != dataset.training.labels
    evaluation_set = dataset.test if evaluation == "test" else dataset.validation
    assert evaluation_set is not None
    assert wrong.sum() == 4
    assert_close(snapshot.training, by_hand_measurement(config, net, data.x, data.y))
    assert_close(snapshot.clean, by_hand_measurement(config, net, data.x[~wrong], data.y[~wrong]))
    assert_close(snapshot.corrupted, by_hand_measurement(config, net, data.x[wrong], data.y[wrong]))
    assert_close(
        snapshot.evaluation, by_hand_measurement(config, net, evaluation_set.x, np.eye(3)[evaluation_set.labels])
    )
    assert snapshot.penalty == pytest.approx(by_hand.penalty(config, raw, data.n), rel=1e-12)
    assert (snapshot.step, snapshot.epoch) == (2, 0)


def test_clean_and_corrupted_are_apart_only_where_labels_are_corrupted() -> None:
    snapshot = toy_training(toy_config(label_noise=0.0)).measure()
    assert snapshot.clean is None
    assert snapshot.corrupted is None
    few = toy_training(toy_config(label_noise=0.01)).measure()  # 1 % of 13 labels is none
    assert few.corrupted is None


def figures(snapshot: Snapshot) -> tuple[Any, ...]:
    return (snapshot.step, snapshot.epoch, snapshot.training, snapshot.evaluation, snapshot.penalty)


def test_train_yields_a_snapshot_before_the_first_epoch_and_after_each() -> None:
    config = toy_config(l2=2.0, drop_probability=0.5)
    snapshots = list(train(config, select(config, toy_dataset())))
    assert [(s.step, s.epoch) for s in snapshots] == [(0, 0), (4, 1), (8, 2), (12, 3)]
    in_the_hand = toy_training(config)
    for snapshot in snapshots:
        assert figures(snapshot) == figures(in_the_hand.measure())
        in_the_hand.run(4)


def test_a_measurement_leaves_training_alone() -> None:
    config = toy_config(drop_probability=0.5)
    watched, unwatched = toy_training(config), toy_training(config)
    while not watched.finished:
        watched.measure()
        watched.run(1)
    run_all(unwatched)
    assert watched.parameters.flat.tolist() == unwatched.parameters.flat.tolist()


def test_a_run_stops_at_the_end_of_an_epoch_and_at_its_own() -> None:
    training = toy_training(toy_config(epochs=2))
    assert [training.run(3), training.run(3), training.run(100), training.run(100)] == [3, 1, 4, 0]
    assert (training.step, training.epoch, training.finished) == (8, 2, True)


def test_an_order_and_parameters_from_outside_are_used() -> None:
    config = toy_config()
    dataset = toy_dataset()
    data = select(config, dataset)
    start = initial_parameters(toy_config(seed=99), 4, 3)

    def backwards(epoch: int) -> np.ndarray:
        return np.roll(np.arange(13)[::-1], epoch)

    training = Training(config, data, parameters=start.copy(), order=backwards)
    run_all(training)
    net = Net.of(start)
    for epoch in (1, 2, 3):
        for at in range(0, 13, 4):
            rows = backwards(epoch)[at : at + 4]
            batch = [(data.x[i].tolist(), data.y[i].tolist(), [None, None]) for i in rows]
            net, _ = by_hand.update(config, net, 13, batch)
    assert training.parameters.flat == pytest.approx(net.flat(), abs=1e-12)


def test_parameters_of_another_network_are_refused() -> None:
    other = initial_parameters(toy_config(hidden=(6,)), 4, 3)
    with pytest.raises(ValueError, match=r"\(4, 5, 3\).*\(4, 6, 3\)"):
        toy_training(toy_config(), parameters=other)


def test_a_config_that_does_not_go_with_its_data_is_refused_before_any_training() -> None:
    data = select(toy_config(), toy_dataset())
    with pytest.raises(FieldError, match="l2 must keep ηλ/n below 2"):
        next(train(toy_config(l2=60.0), data))


@pytest.mark.parametrize("order", [np.arange(12), np.arange(1, 14), np.arange(-1, 12), np.zeros((13, 1), int)])
def test_an_order_that_is_none_of_the_examples_is_refused(order: np.ndarray) -> None:
    training = toy_training(toy_config(), order=lambda epoch: order)
    with pytest.raises(FieldError, match="order must be a permutation of 0 to 12"):
        training.run(1)


@pytest.mark.parametrize("measure_all", [False, True])
def test_a_sample_of_many_training_examples_is_measured_unless_all_are_asked_for(measure_all: bool) -> None:
    rng = np.random.default_rng(3)
    pool = Labelled(rng.random((1_200, 4), np.float32), rng.integers(0, 3, 1_200))
    few = Labelled(pool.x[:5], pool.labels[:5])
    dataset = Dataset("many", "Many", pool, few, None, 3)
    config = toy_config(train_size=1_200, label_noise=0.3, dtype="float64", measure_all=measure_all)
    data = select(config, dataset)
    training = Training(config, data)
    training.run(7)
    seen = 1_200 if measure_all else 1_000
    costs, correct = evaluate(training.architecture, training.parameters, data.x[:seen], data.y[:seen])
    snapshot = training.measure()
    assert (snapshot.training.size, snapshot.training.correct) == (seen, correct.sum())
    assert snapshot.training.cost == pytest.approx(costs.mean(), rel=1e-12)
    assert snapshot.clean is not None
    assert snapshot.corrupted is not None
    assert snapshot.corrupted.size == data.corrupted[:seen].sum()
    assert snapshot.clean.correct + snapshot.corrupted.correct == snapshot.training.correct
