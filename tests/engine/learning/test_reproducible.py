"""The same config gives the same results however a run is split; and runs that diverge."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Diverged, RunConfig, Training, load_dataset, select
from engine.randomness import order_of_examples
from tests.engine.toys import run_all, toy_config, toy_training

KINDS: dict[str, dict[str, Any]] = {
    "nothing": {"l2": 0.0, "drop_probability": 0.0},
    "L2 and dropout": {},
    "elastic net": {"l1": 0.3, "l1_rule": "proximal"},
    "clip": {"l1": 0.3, "l1_rule": "clip"},
    "max-norm, masks per example": {"max_norm": 1.5, "dropout_mask": "example", "input_drop_probability": 0.2},
    "log-likelihood, relu, inverted": {
        "cost": "log-likelihood",
        "activation": "relu",
        "learning_rate": 0.1,
        "dropout_scaling": "inverted",
    },
}


def digits_run(**changes: Any) -> Training:
    """Two epochs of 71 updates, more than a block of mini-batches, with a short one at the end."""
    config = RunConfig.demo(**{"train_size": 705, "epochs": 2, "hidden": (20, 10), **changes})
    return Training(config, select(config, load_dataset("digits")))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_in_chunks_gives_exactly_the_same_results(kind: str, dtype: str) -> None:
    reference = digits_run(dtype=dtype, **KINDS[kind])
    costs = run_all(reference)
    assert len(costs) == reference.total_steps == 142
    for chunk in (1, 7, 64, 71):
        training = digits_run(dtype=dtype, **KINDS[kind])
        taken = []
        while not training.finished:
            training.run(chunk)
            taken.append(training.take_costs())
        assert training.parameters.flat.tobytes() == reference.parameters.flat.tobytes()
        assert np.concatenate(taken).tobytes() == costs.tobytes()


@settings(max_examples=25)
@given(chunks=st.lists(st.integers(1, 9), min_size=1), takes=st.lists(st.booleans(), min_size=1))
def test_any_chunks_give_the_same_run_and_the_same_costs(chunks: list[int], takes: list[bool]) -> None:
    config = toy_config(drop_probability=0.5, l2=1.0, dtype="float32", epochs=5)
    reference, parts = toy_training(config), toy_training(config)
    costs = run_all(reference)
    taken, turn = [], 0
    while not parts.finished:
        parts.run(chunks[turn % len(chunks)])
        if takes[turn % len(takes)]:
            taken.append(parts.take_costs())
        turn += 1
    taken.append(parts.take_costs())
    assert parts.parameters.flat.tobytes() == reference.parameters.flat.tobytes()
    assert np.concatenate(taken).tobytes() == costs.tobytes()


def test_equal_configs_give_equal_results_and_another_seed_does_not() -> None:
    one, same, other = digits_run(), digits_run(), digits_run(seed=2)
    for training in (one, same, other):
        run_all(training)
    assert one.measure() == same.measure()
    assert one.parameters.flat.tobytes() == same.parameters.flat.tobytes()
    assert one.parameters.flat.tobytes() != other.parameters.flat.tobytes()


@pytest.mark.parametrize("kind", ["nothing", "L2 and dropout", "max-norm, masks per example"])
def test_float32_and_float64_agree_to_the_precision_of_float32(kind: str) -> None:
    single, double = (digits_run(dtype=dtype, **KINDS[kind]) for dtype in ("float32", "float64"))
    costs = [run_all(training) for training in (single, double)]
    assert single.parameters.flat.dtype == np.float32
    assert double.parameters.flat.dtype == np.float64
    assert costs[0] == pytest.approx(costs[1], rel=1e-3, abs=1e-3)
    assert single.parameters.flat == pytest.approx(double.parameters.flat, abs=1e-3)


def test_two_interleaved_runs_do_not_affect_each_other() -> None:
    alone = [digits_run(), digits_run(seed=2, dropout_mask="example")]
    for training in alone:
        run_all(training)
    together = [digits_run(), digits_run(seed=2, dropout_mask="example")]
    while not together[0].finished:
        for training in together:
            training.run(5)
    for training, expected in zip(together, alone, strict=True):
        assert training.parameters.flat.tobytes() == expected.parameters.flat.tobytes()


def diverging_config(**changes: Any) -> RunConfig:
    """A config whose weights overflow after a few updates."""
    return toy_config(
        **{
            "hidden": (30,),
            "activation": "relu",
            "cost": "log-likelihood",
            "initializer": "large",
            "dtype": "float32",
            "epochs": 20,
            **changes,
        }
    )


DIVERGING: dict[str, RunConfig] = {
    "at the last update of an epoch": diverging_config(learning_rate=1e6, l2=2.47e-05),
    "at the first update of an epoch": diverging_config(learning_rate=1e4, l2=0.00247),
    "within an epoch": diverging_config(learning_rate=100.0, l2=0.247),
    "without a penalty": diverging_config(learning_rate=1000.0, hidden=(20, 20), mini_batch_size=1),
    "with dropout": diverging_config(learning_rate=100.0, hidden=(30, 30, 30), mini_batch_size=1, drop_probability=0.5),
    "in float64": diverging_config(learning_rate=10.0, hidden=(20,) * 5, drop_probability=0.5, dtype="float64"),
}


def run_until_divergence(training: Training, chunk: int) -> tuple[Diverged, np.ndarray]:
    """Run until divergence; return the error and all recorded costs."""
    taken = []
    while not training.finished:
        try:
            training.run(chunk)
        except Diverged as error:
            return error, np.concatenate([*taken, training.take_costs()])
        taken.append(training.take_costs())
    raise AssertionError("the run did not diverge")


@pytest.mark.parametrize("name", DIVERGING)
def test_a_diverged_run_keeps_its_last_finite_parameters(name: str) -> None:
    config = DIVERGING[name]
    training = toy_training(config)
    error, costs = run_until_divergence(training, training.steps_per_epoch)
    assert error.step == training.step + 1
    assert np.isfinite(training.parameters.flat).all()
    assert np.isfinite(costs).all()
    assert len(costs) == training.step

    # A run that stops after the same number of updates has these parameters.
    again = toy_training(config)
    while again.step < training.step:
        again.run(training.step - again.step)
    assert again.parameters.flat.tobytes() == training.parameters.flat.tobytes()
    assert again.take_costs().tobytes() == costs.tobytes()
    assert again.mini_batch_accuracy == pytest.approx(training.mini_batch_accuracy, nan_ok=True)

    # Its next update diverges.
    with pytest.raises(Diverged) as caught:
        again.run(1)
    assert caught.value.step == error.step
    assert again.step == training.step


@pytest.mark.parametrize("name", DIVERGING)
def test_a_run_in_chunks_diverges_at_the_same_update(name: str) -> None:
    reference = toy_training(DIVERGING[name])
    error, _ = run_until_divergence(reference, 10**6)
    for chunk in (1, 3, 7):
        training = toy_training(DIVERGING[name])
        other, _ = run_until_divergence(training, chunk)
        assert other.step == error.step
        assert training.step == reference.step
        assert training.parameters.flat.tobytes() == reference.parameters.flat.tobytes()


def largest_value_of_next_update(training: Training, step: int) -> float:
    """The largest absolute value in the next update of a ReLU network with softmax, in float64."""
    config, data = training.current_config, training.data
    weights = [W.astype(float) for W in training.parameters.weights]
    m = config.mini_batch_size
    at = (step - 1) % training.steps_per_epoch
    rows = order_of_examples(config.seed, training.epoch + 1, data.n)[at * m : (at + 1) * m]
    a, zs = [data.x[rows].astype(float)], []
    for W, b in zip(weights, training.parameters.biases, strict=True):
        zs.append(a[-1] @ W + b)
        a.append(np.maximum(zs[-1], 0))
    softmax = np.exp(zs[-1] - zs[-1].max(axis=1, keepdims=True))
    delta = softmax / softmax.sum(axis=1, keepdims=True) - data.y[rows]
    sizes = [np.abs(z).max() for z in zs]
    for layer in reversed(range(len(weights))):
        step_of_W = config.learning_rate / len(rows) * a[layer].T @ delta
        sizes.append(np.abs((1 - config.learning_rate * config.l2 / data.n) * weights[layer] - step_of_W).max())
        if layer:
            delta = delta @ weights[layer].T
            sizes.append(np.abs(delta).max())
            delta = delta * (zs[layer - 1] > 0)
    return float(max(sizes))


@pytest.mark.parametrize("name", [name for name, c in DIVERGING.items() if c.l2 or name == "without a penalty"])
def test_the_diverged_update_is_the_first_that_overflows_float32(name: str) -> None:
    limit = float(np.finfo(np.float32).max)
    training = toy_training(DIVERGING[name])
    error, _ = run_until_divergence(training, 10**6)
    assert largest_value_of_next_update(training, error.step) > limit
    again = toy_training(DIVERGING[name])
    for step in range(1, error.step):
        assert largest_value_of_next_update(again, step) < limit
        again.run(1)


@pytest.mark.parametrize("steps", [1, 3])
def test_an_infinite_weight_is_noticed_even_if_all_costs_are_finite(steps: int) -> None:
    # With the quadratic cost, the infinite weight saturates an output at 0: cost and gradient are finite.
    training = toy_training(toy_config(hidden=(), cost="quadratic", epochs=steps, mini_batch_size=13))
    while training.step < steps - 1:
        training.run(1)
    training.parameters.weights[0][0, 0] = -np.inf
    with pytest.raises(Diverged) as caught:
        training.run(1)
    assert caught.value.step == steps


def test_the_last_update_of_a_run_can_diverge() -> None:
    # As "at the last update of an epoch", with this epoch as the last one.
    training = toy_training(diverging_config(epochs=2, learning_rate=1e6, l2=2.47e-05))
    error, costs = run_until_divergence(training, 10**6)
    assert error.step == training.total_steps == 8
    assert np.isfinite(training.parameters.flat).all()
    assert len(costs) == training.step == 7


def test_a_diverged_run_can_still_be_measured() -> None:
    training = toy_training(DIVERGING["within an epoch"])
    run_until_divergence(training, 10**6)
    assert training.measure().step == training.step


def test_a_diverged_error_can_be_pickled() -> None:
    copy = pickle.loads(pickle.dumps(Diverged(17)))
    assert (copy.step, str(copy)) == (17, str(Diverged(17)))
    assert "update 17" in str(copy)
