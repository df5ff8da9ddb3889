"""Whole runs, compared with the same runs in plain loops."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine import FieldError, RunConfig, Snapshot, Training, initial_parameters, select, train
from engine.data.dataset import Dataset, Labelled
from engine.learning.metrics import Measurement, evaluate
from tests.engine import by_hand
from tests.engine.by_hand import ACTIVATIONS, COSTS, Net
from tests.engine.toys import examples_of_step, run_all, run_by_hand, toy_config, toy_dataset, toy_training

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
    "default": {"drop_probability": 0.5},
    "Bernoulli": {"drop_probability": 0.5, "dropout_count": "bernoulli"},
    "Bernoulli, high drop probability": {"drop_probability": 0.9, "dropout_count": "bernoulli"},
    "per example": {"drop_probability": 0.3, "dropout_mask": "example"},
    "inverted": {"drop_probability": 0.5, "dropout_scaling": "inverted"},
    "inputs": {"input_drop_probability": 0.25},
    "inputs and hidden, inverted, per example": {
        "drop_probability": 0.5,
        "input_drop_probability": 0.5,
        "dropout_scaling": "inverted",
        "dropout_mask": "example",
    },
}
DEPTHS = [(), (5,), (4, 5, 3)]


def assert_run_equals_plain_loops(config: RunConfig) -> None:
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
def test_a_run_equals_the_plain_loops(regularizer: str, cost: str, hidden: tuple[int, ...]) -> None:
    assert_run_equals_plain_loops(toy_config(hidden=hidden, cost=cost, **REGULARIZERS[regularizer]))


@pytest.mark.parametrize("hidden", DEPTHS)
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("dropout", DROPOUTS)
def test_a_run_with_dropout_equals_the_plain_loops(dropout: str, cost: str, hidden: tuple[int, ...]) -> None:
    assert_run_equals_plain_loops(toy_config(hidden=hidden, cost=cost, l2=2.0, **DROPOUTS[dropout]))


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_run_with_all_regularizers_equals_the_plain_loops(activation: str, regularizer: str) -> None:
    changes = {**REGULARIZERS[regularizer], **DROPOUTS["default"], "input_drop_probability": 0.25}
    assert_run_equals_plain_loops(
        toy_config(hidden=(5, 4), activation=activation, initializer="large", seed=9, **changes)
    )


def measurement_by_hand(config: RunConfig, net: Net, x: np.ndarray, y: np.ndarray) -> Measurement:
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
def test_a_snapshot_measures_the_full_network(dropout: dict[str, Any], evaluation: str) -> None:
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
    assert_close(snapshot.training, measurement_by_hand(config, net, data.x, data.y))
    assert_close(snapshot.clean, measurement_by_hand(config, net, data.x[~wrong], data.y[~wrong]))
    assert_close(snapshot.corrupted, measurement_by_hand(config, net, data.x[wrong], data.y[wrong]))
    assert_close(
        snapshot.evaluation, measurement_by_hand(config, net, evaluation_set.x, np.eye(3)[evaluation_set.labels])
    )
    assert snapshot.penalty == pytest.approx(by_hand.penalty(config, raw, data.n), rel=1e-12)
    assert (snapshot.step, snapshot.epoch) == (2, 0)


def test_without_corrupted_labels_clean_and_corrupted_are_none() -> None:
    snapshot = toy_training(toy_config(label_noise=0.0)).measure()
    assert snapshot.clean is None
    assert snapshot.corrupted is None
    few = toy_training(toy_config(label_noise=0.01)).measure()  # 1 % of 13 labels rounds to 0
    assert few.corrupted is None


def snapshot_values(snapshot: Snapshot) -> tuple[Any, ...]:
    return (snapshot.step, snapshot.epoch, snapshot.training, snapshot.evaluation, snapshot.penalty)


def test_train_yields_a_snapshot_before_the_first_and_after_each_epoch() -> None:
    config = toy_config(l2=2.0, drop_probability=0.5)
    snapshots = list(train(config, select(config, toy_dataset())))
    assert [(s.step, s.epoch) for s in snapshots] == [(0, 0), (4, 1), (8, 2), (12, 3)]
    expected = toy_training(config)
    for snapshot in snapshots:
        assert snapshot_values(snapshot) == snapshot_values(expected.measure())
        expected.run(4)


def correct_answers_by_hand(config: RunConfig, net: Net, examples: list[Any]) -> int:
    """How many examples of a mini-batch the thinned network classifies correctly."""
    correct = 0
    for x, y, drawn_masks in examples:
        z = by_hand.forward(config, net, x, drawn_masks).z[-1]
        correct += z.index(max(z)) == y.index(1)
    return correct


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("hidden", DEPTHS)
@pytest.mark.parametrize("dropout", [{}, *DROPOUTS.values()])
def test_the_mini_batch_accuracy_equals_a_plain_loop(
    dropout: dict[str, Any], hidden: tuple[int, ...], cost: str
) -> None:
    """Each mini-batch is answered before its update, with dropout; a short last one counts by its examples."""
    config = toy_config(hidden=hidden, cost=cost, label_noise=0.3, **dropout)
    training = toy_training(config)
    assert math.isnan(training.mini_batch_accuracy)
    sizes, data = training.parameters.sizes[:-1], training.data
    net = Net.of(training.parameters)
    for epoch in range(config.epochs):
        correct = answered = 0
        for step in range(4 * epoch + 1, 4 * epoch + 5):
            examples = examples_of_step(config, data, step, sizes)
            correct += correct_answers_by_hand(config, net, examples)
            answered += len(examples)
            net, _ = by_hand.update(config, net, data.n, examples)
            training.run(1)
            assert training.mini_batch_accuracy == correct / answered
        assert answered == data.n
        training.end_epoch()
        assert training.mini_batch_accuracy == correct / data.n, "a measurement does not change it"


def test_the_mini_batch_accuracy_does_not_depend_on_the_calls_of_run() -> None:
    config = toy_config(drop_probability=0.5, mini_batch_size=1, epochs=8)
    accuracies = []
    for chunk in (1, 5, 100):
        training = toy_training(config)
        found = []
        while not training.finished:
            training.run(chunk)
            if training.step % training.steps_per_epoch == 0:
                found.append(training.mini_batch_accuracy)
        accuracies.append(found)
    assert accuracies[0] == accuracies[1] == accuracies[2]
    assert len(set(accuracies[0])) > 1


def test_a_measurement_does_not_change_training() -> None:
    config = toy_config(drop_probability=0.5)
    measured_run, other_run = toy_training(config), toy_training(config)
    while not measured_run.finished:
        measured_run.measure()
        measured_run.run(1)
    run_all(other_run)
    assert measured_run.parameters.flat.tolist() == other_run.parameters.flat.tolist()


def test_a_call_of_run_ends_with_the_epoch_or_the_run() -> None:
    training = toy_training(toy_config(epochs=2))
    assert [training.run(3), training.run(3), training.run(100), training.run(100)] == [3, 1, 4, 0]
    assert (training.step, training.epoch, training.finished) == (8, 2, True)


def test_given_parameters_and_a_given_order_are_used() -> None:
    config = toy_config()
    dataset = toy_dataset()
    data = select(config, dataset)
    start = initial_parameters(toy_config(seed=99), 4, 3)

    def reversed_order(epoch: int) -> np.ndarray:
        return np.roll(np.arange(13)[::-1], epoch)

    training = Training(config, data, parameters=start.copy(), order=reversed_order)
    run_all(training)
    net = Net.of(start)
    for epoch in (1, 2, 3):
        for at in range(0, 13, 4):
            rows = reversed_order(epoch)[at : at + 4]
            batch = [(data.x[i].tolist(), data.y[i].tolist(), [None, None]) for i in rows]
            net, _ = by_hand.update(config, net, 13, batch)
    assert training.parameters.flat == pytest.approx(net.flat(), abs=1e-12)


def test_parameters_of_another_network_are_refused() -> None:
    other = initial_parameters(toy_config(hidden=(6,)), 4, 3)
    with pytest.raises(ValueError, match=r"\(4, 5, 3\).*\(4, 6, 3\)"):
        toy_training(toy_config(), parameters=other)


def test_a_config_that_does_not_fit_the_data_is_refused() -> None:
    data = select(toy_config(), toy_dataset())
    with pytest.raises(FieldError, match="l2 must keep ηλ/n below 2"):
        next(train(toy_config(l2=60.0), data))


@pytest.mark.parametrize("order", [np.arange(12), np.arange(1, 14), np.arange(-1, 12), np.zeros((13, 1), int)])
def test_an_order_that_is_not_a_permutation_is_refused(order: np.ndarray) -> None:
    training = toy_training(toy_config(), order=lambda epoch: order)
    with pytest.raises(FieldError, match="order must be a permutation of 0 to 12"):
        training.run(1)


@pytest.mark.parametrize("measure_all", [False, True])
def test_only_a_sample_is_measured_unless_measure_all_is_set(measure_all: bool) -> None:
    rng = np.random.default_rng(3)
    pool = Labelled(rng.random((1_200, 4), np.float32), rng.integers(0, 3, 1_200))
    few = Labelled(pool.x[:5], pool.labels[:5])
    dataset = Dataset("many", "Many", pool, few, None, 3)
    config = toy_config(train_size=1_200, label_noise=0.3, dtype="float64", measure_all=measure_all)
    data = select(config, dataset)
    training = Training(config, data)
    training.run(7)
    measured_count = 1_200 if measure_all else 1_000
    costs, correct = evaluate(
        training.architecture, training.parameters, data.x[:measured_count], data.y[:measured_count]
    )
    snapshot = training.measure()
    assert (snapshot.training.size, snapshot.training.correct) == (measured_count, correct.sum())
    assert snapshot.training.cost == pytest.approx(costs.mean(), rel=1e-12)
    assert snapshot.clean is not None
    assert snapshot.corrupted is not None
    assert snapshot.corrupted.size == data.corrupted[:measured_count].sum()
    assert snapshot.clean.correct + snapshot.corrupted.correct == snapshot.training.correct
