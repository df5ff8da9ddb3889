"""Properties of updates, for random networks, regularizers and seeds."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Parameters, RunConfig, Training, initial_parameters, masks, select
from engine.families.penalties.l1 import L1_RULES
from engine.learning.network import Architecture, scaled_for_inference, weighted_outputs
from engine.randomness import order_of_examples
from tests.engine import by_hand
from tests.engine.by_hand import ACTIVATIONS, COSTS, Net
from tests.engine.toys import examples_of_step, run_all, toy_config, toy_dataset, toy_training, trained

DATASET = toy_dataset()
HIDDEN = st.lists(st.integers(1, 6), max_size=3)
SEED = st.integers(0, 2**63 - 1)
DTYPE = st.sampled_from(["float32", "float64"])
NETWORKS = st.fixed_dictionaries(
    {
        "hidden": HIDDEN,
        "activation": st.sampled_from(sorted(ACTIVATIONS)),
        "cost": st.sampled_from(sorted(COSTS)),
        "seed": SEED,
        "mini_batch_size": st.integers(1, 13),
        "dtype": DTYPE,
    }
)
DROPOUTS = st.fixed_dictionaries(
    {
        "drop_probability": st.sampled_from([0.0, 0.3, 0.5, 0.9]),
        "input_drop_probability": st.sampled_from([0.0, 0.25]),
        "dropout_count": st.sampled_from(["exact", "bernoulli"]),
        "dropout_mask": st.sampled_from(["mini-batch", "example"]),
        "dropout_scaling": st.sampled_from(["classic", "inverted"]),
    }
)


@settings(max_examples=30)
@given(network=NETWORKS, dropout=DROPOUTS, rule=st.sampled_from(L1_RULES))
def test_a_penalty_of_strength_zero_has_no_effect(network: dict, dropout: dict, rule: str) -> None:
    without = trained(toy_config(**network, **dropout))
    # A max-norm above all norms has no effect either.
    zero = trained(toy_config(**network, **dropout, l1=0.0, l2=0.0, l1_rule=rule, max_norm=1e6))
    assert zero.flat.tobytes() == without.flat.tobytes()


@settings(max_examples=30)
@given(network=NETWORKS, dropout=DROPOUTS, l1=st.floats(0.01, 5), l2=st.floats(0.01, 30))
def test_the_step_of_a_penalty_follows_its_formula(network: dict, dropout: dict, l1: float, l2: float) -> None:
    """All steps use the old weight, so two updates that differ only in λ differ by the step of the penalty."""
    network = {**network, "dtype": "float64"}
    plain = toy_training(toy_config(**network, **dropout))
    config = toy_config(**network, **dropout, l1=l1, l2=l2)
    penalized = toy_training(config)
    w = plain.parameters.flat_weights.copy()
    plain.run(1)
    penalized.run(1)
    step = penalized.parameters.flat_weights - plain.parameters.flat_weights
    eta, n = config.learning_rate, 13
    assert step == pytest.approx(-eta * l2 / n * w - eta * l1 / n * np.sign(w), abs=1e-12)
    biases = slice(plain.parameters.weight_count, None)
    assert penalized.parameters.flat[biases].tobytes() == plain.parameters.flat[biases].tobytes()


def are_connected(config: RunConfig, step: int, sizes: tuple[int, ...]) -> list[np.ndarray]:
    """For each layer, True at weights between two neurons that are both kept for some example."""
    rows = len(examples_of_step(config, select(config, DATASET), step, sizes[:-1]))
    masks_by_layer = []
    for layer, width in enumerate(sizes[:-1]):
        mask = np.atleast_2d(masks(config, layer, step, width))
        masks_by_layer.append(np.broadcast_to(mask, (config.mini_batch_size, width))[:rows])
    masks_by_layer.append(np.ones((rows, sizes[-1]), dtype=bool))
    return [(a[:, :, None] & b[:, None, :]).any(axis=0) for a, b in itertools.pairwise(masks_by_layer)]


@settings(max_examples=40)
@given(
    seed=SEED,
    hidden=st.lists(st.integers(2, 6), min_size=1, max_size=3),
    mask=st.sampled_from(["mini-batch", "example"]),
    count=st.sampled_from(["exact", "bernoulli"]),
    dtype=DTYPE,
)
def test_weights_of_dropped_neurons_only_decay(seed: int, hidden: list[int], mask: str, count: str, dtype: str) -> None:
    dropout = {"drop_probability": 0.5, "input_drop_probability": 0.25, "dropout_mask": mask, "dropout_count": count}
    # Activations of tanh are never exactly 0, so every kept weight has a gradient.
    config = toy_config(seed=seed, hidden=hidden, activation="tanh", l2=1.3, dtype=dtype, **dropout)
    training = toy_training(config)
    for step in (1, 2, 3, 4):  # the fourth mini-batch is short
        old = training.parameters.copy()
        training.run(1)
        decayed = old.copy()
        decayed.flat_weights[:] *= 1 - config.learning_rate * config.l2 / 13
        connected = are_connected(config, step, old.sizes)
        for layer, (W, only_decayed) in enumerate(zip(training.parameters.weights, decayed.weights, strict=True)):
            assert (W[~connected[layer]] == only_decayed[~connected[layer]]).all()
        # A weight has a gradient if a path leads to the outputs; weights of the last layer always have one.
        assert (training.parameters.weights[-1][connected[-1]] != decayed.weights[-1][connected[-1]]).all()


@settings(max_examples=20)
@given(seed=SEED, dtype=DTYPE, dropout=DROPOUTS)
def test_max_norm_holds_after_every_update(seed: int, dtype: str, dropout: dict) -> None:
    config = toy_config(seed=seed, dtype=dtype, hidden=(5, 4), max_norm=0.7, initializer="large", **dropout)
    training = toy_training(config)
    allowed = 0.7 * (1 + (1e-6 if dtype == "float32" else 1e-14))
    output_norms = np.linalg.norm(training.parameters.weights[-1], axis=0)
    assert (output_norms > 0.7).any()
    while not training.finished:
        training.run(1)
        for W in training.parameters.weights[:-1]:
            assert (np.linalg.norm(W.astype(float), axis=0) <= allowed).all()
    # Weights of the outputs are not bounded.
    assert (np.linalg.norm(training.parameters.weights[-1], axis=0) > 0.7).any()


@settings(max_examples=30)
@given(network=NETWORKS, count=st.sampled_from(["exact", "bernoulli"]), p=st.sampled_from([0.25, 0.5, 0.8]))
def test_classic_scaling_equals_inverted_with_scaled_weights(network: dict, count: str, p: float) -> None:
    """Outgoing weights W with classic scaling and keep · W with inverted scaling give the same outputs."""
    options = {
        **network,
        "dtype": "float64",
        "drop_probability": p,
        "input_drop_probability": 0.25,
        "dropout_count": count,
    }
    classic, inverted = toy_config(**options), toy_config(**options, dropout_scaling="inverted")
    W = initial_parameters(classic, 4, 3)
    keep = [0.75] + [1 - p] * len(classic.hidden)
    scaled = scaled_for_inference(W, keep)
    thinned = toy_training(classic, parameters=W.copy())
    other = toy_training(inverted, parameters=scaled.copy())
    full, other_full = thinned.measure(), other.measure()
    assert full.training.cost == pytest.approx(other_full.training.cost, rel=1e-12)
    assert full.evaluation.correct == other_full.evaluation.correct
    # The cost of the first update is that of the thinned network with the initial weights.
    thinned.run(1)
    other.run(1)
    assert thinned.take_costs() == pytest.approx(other.take_costs(), rel=1e-12)


@settings(max_examples=30)
@given(network=NETWORKS, dropout=DROPOUTS)
def test_dropout_does_not_change_initial_weights_or_example_order(network: dict, dropout: dict) -> None:
    without_dropout, with_dropout = toy_config(**network), toy_config(**network, **dropout)
    assert (
        initial_parameters(without_dropout, 4, 3).flat.tobytes()
        == initial_parameters(with_dropout, 4, 3).flat.tobytes()
    )
    # The costs of updates with a tiny learning rate show the order of the examples.
    config = toy_config(**{**network, "dtype": "float64"}, **dropout, learning_rate=1e-9, epochs=2)
    costs = run_all(toy_training(config))
    data, net = select(config, DATASET), Net.of(initial_parameters(config, 4, 3))
    m = config.mini_batch_size
    per_epoch = -(-13 // m)
    for step in range(1, 2 * per_epoch + 1):
        epoch, at = divmod(step - 1, per_epoch)
        rows = order_of_examples(without_dropout.seed, epoch + 1, 13)[at * m : (at + 1) * m]
        examples = examples_of_step(config, data, step, (4, *config.hidden))
        assert [x for x, _, _ in examples] == [data.x[i].tolist() for i in rows]
        expected = sum(by_hand.example_cost(config, net, *example) for example in examples) / len(rows)
        assert costs[step - 1] == pytest.approx(expected, rel=1e-6)


@settings(max_examples=15)
@given(network=NETWORKS, dropout=DROPOUTS, step=st.integers(1, 300))
def test_a_recorded_cost_follows_from_weights_mini_batch_and_mask(network: dict, dropout: dict, step: int) -> None:
    config = toy_config(**{**network, "dtype": "float64"}, **dropout, epochs=300, learning_rate=0.05)
    training = toy_training(config)
    while training.step < step - 1:
        training.run(step - 1 - training.step)
    training.take_costs()
    net = Net.of(training.parameters)
    training.run(1)
    examples = examples_of_step(config, training.data, step, training.parameters.sizes[:-1])
    expected = sum(by_hand.example_cost(config, net, *example) for example in examples) / len(examples)
    assert training.take_costs() == pytest.approx([expected], rel=1e-9, abs=1e-12)


def l1_run(rule: str, dtype: str) -> tuple[RunConfig, Training]:
    config = toy_config(hidden=(8,), l1=0.4, l1_rule=rule, dtype=dtype, epochs=40, mini_batch_size=1)
    return config, toy_training(config)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", ["clip", "proximal"])
def test_clip_and_proximal_make_weights_zero_which_can_change_again(rule: str, dtype: str) -> None:
    _, training = l1_run(rule, dtype)
    nonzero_again, was_zero = 0, np.zeros(training.parameters.weight_count, dtype=bool)
    while not training.finished:
        training.run(1)
        zero = training.parameters.flat_weights == 0
        nonzero_again += int((was_zero & ~zero).sum())
        was_zero = zero
    assert was_zero.sum() >= 5
    assert nonzero_again >= 5


def test_with_the_subgradient_weights_oscillate_around_zero() -> None:
    config, training = l1_run("subgradient", "float64")
    run_all(training)
    w = training.parameters.flat_weights
    assert not (w == 0).any()
    assert (np.abs(w) <= config.learning_rate * config.l1 / 13).sum() >= 5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_with_every_neuron_dropped_the_outputs_depend_on_biases_only(dtype: str) -> None:
    config = toy_config(hidden=(1,), drop_probability=0.99, dropout_count="bernoulli", dtype=dtype)
    assert not masks(config, 1, 1)[0]
    training = toy_training(config)
    old = training.parameters.copy()
    training.run(1)
    assert [W.tobytes() for W in training.parameters.weights] == [W.tobytes() for W in old.weights]
    assert training.parameters.biases[0].tobytes() == old.biases[0].tobytes()
    z = old.biases[1].astype(float).tolist()
    examples = examples_of_step(config, training.data, 1, (4, 1))
    expected = sum(by_hand.cost_of(config.cost, by_hand.outputs(config.cost, z), y) for _, y, _ in examples) / 4
    assert training.take_costs() == pytest.approx([expected], rel=1e-6)


def test_a_thinned_network_equals_a_network_with_the_kept_neurons_only() -> None:
    config = toy_config(hidden=(6, 4), drop_probability=0.5)
    training = toy_training(config)
    first, second = (masks(config, layer, 1) for layer in (1, 2))
    full = training.parameters
    cut = Parameters.empty((4, 3, 2, 3), np.float64)
    for small, W in zip(
        cut.weights,
        (full.weights[0][:, first], full.weights[1][np.ix_(first, second)], full.weights[2][second]),
        strict=True,
    ):
        small[...] = W
    for small, b in zip(cut.biases, (full.biases[0][first], full.biases[1][second], full.biases[2]), strict=True):
        small[...] = b
    rows = order_of_examples(config.seed, 1, 13)[:4]
    architecture = Architecture.of(config)
    z = weighted_outputs(architecture, cut, training.data.x[rows])
    expected = architecture.cost.values(z, training.data.y[rows]).mean()
    training.run(1)
    assert training.take_costs() == pytest.approx([expected], rel=1e-13)


def test_updates_do_not_change_the_data() -> None:
    options: dict[str, Any] = {"input_drop_probability": 0.5, "dropout_scaling": "inverted", "mini_batch_size": 13}
    config = toy_config(**options)
    training = toy_training(config)
    data = training.data
    before = (data.x.copy(), data.y.copy(), DATASET.training.x.copy())
    run_all(training)
    assert [a.tobytes() for a in before] == [a.tobytes() for a in (data.x, data.y, DATASET.training.x)]
