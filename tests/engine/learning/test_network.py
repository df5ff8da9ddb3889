"""The network: its layout, and its gradients compared with finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import Parameters, RunConfig, initial_parameters
from engine.learning.network import Architecture, scaled_for_inference, weighted_outputs
from tests.engine import by_hand
from tests.engine.by_hand import ACTIVATIONS, COSTS, Net
from tests.engine.toys import examples_of_step, toy_config, toy_dataset, toy_training

SIZES = (4, 5, 4, 3)
DATASET = toy_dataset(n=4)

PENALTIES: dict[str, dict[str, Any]] = {
    "no penalty": {},
    "L2": {"l2": 0.7},
    "L1": {"l1": 0.6},
    "elastic net": {"l1": 0.6, "l2": 0.7},
}
DROPOUTS: dict[str, dict[str, Any]] = {
    "no dropout": {},
    "dropout": {"drop_probability": 0.5},
    "Bernoulli": {"drop_probability": 0.5, "dropout_count": "bernoulli"},
    "per example": {"drop_probability": 0.5, "dropout_mask": "example"},
    "inverted": {"drop_probability": 0.4, "dropout_scaling": "inverted"},
    "inputs": {"input_drop_probability": 0.25},
    "inputs and hidden, per example, inverted": {
        "drop_probability": 0.5,
        "input_drop_probability": 0.5,
        "dropout_mask": "example",
        "dropout_scaling": "inverted",
    },
}


def away_from_kinks(config: RunConfig) -> Parameters:
    """Parameters without weights near 0, the kink of |w|, and without hidden z near 0, the kink of ReLU.

    Each z is computed with the masks of step 1.
    """
    data = toy_training(config, DATASET).data
    for seed in range(200):
        parameters = Parameters.empty(SIZES, np.float64)
        parameters.flat[:] = np.random.default_rng(seed).normal(size=parameters.flat.shape)
        net = Net.of(parameters)
        zs = [
            z
            for x, _, masks in examples_of_step(config, data, 1, SIZES[:-1])
            for layer in by_hand.forward(config, net, x, masks).z[:-1]
            for z in layer
        ]
        if np.abs(zs).min() > 1e-3 and np.abs(parameters.flat_weights).min() > 1e-3:
            return parameters
    raise AssertionError("no seed gives suitable parameters")


@pytest.mark.parametrize("dropout", DROPOUTS)
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_an_update_equals_the_finite_difference_of_the_cost(
    activation: str, cost: str, penalty: str, dropout: str
) -> None:
    """With all examples in one mini-batch, w ← w − η ∂C/∂w, where C is data cost plus penalty."""
    config = toy_config(hidden=SIZES[1:-1], activation=activation, cost=cost, **PENALTIES[penalty], **DROPOUTS[dropout])
    old = away_from_kinks(config)
    training = toy_training(config, DATASET, parameters=old.copy())
    assert training.run(1) == training.steps_per_epoch == 1
    gradient = (old.flat - training.parameters.flat) / config.learning_rate

    examples = examples_of_step(config, training.data, 1, SIZES[:-1])
    moved, h = old.copy(), 1e-5

    def cost_at(i: int, offset: float) -> float:
        moved.flat[i] = old.flat[i] + offset
        net = Net.of(moved)
        data_cost = sum(by_hand.example_cost(config, net, *example) for example in examples) / len(examples)
        moved.flat[i] = old.flat[i]
        return data_cost + by_hand.penalty(config, net, training.data.n)

    difference = np.array([(cost_at(i, h) - cost_at(i, -h)) / (2 * h) for i in range(len(old.flat))])
    error = np.linalg.norm(gradient - difference) / (np.linalg.norm(gradient) + np.linalg.norm(difference))
    assert error <= 1e-6


def test_weights_and_biases_are_views_of_one_vector() -> None:
    parameters = Parameters((2, 3, 1), np.arange(13.0))
    assert [W.tolist() for W in parameters.weights] == [[[0, 1, 2], [3, 4, 5]], [[6], [7], [8]]]
    assert [b.tolist() for b in parameters.biases] == [[9, 10, 11], [12]]
    assert parameters.flat_weights.tolist() == list(range(9))
    parameters.weights[1][2, 0] = -1
    parameters.biases[0][1] = -2
    assert parameters.flat.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, -1, 9, -2, 11, 12]


def test_a_copy_of_parameters_has_its_own_vector() -> None:
    parameters = initial_parameters(RunConfig.demo(), 4, 3)
    copy = parameters.copy()
    before = parameters.flat.tolist()
    copy.weights[0][...] = 0
    assert parameters.flat.tolist() == before
    assert not copy.weights[0].any()


def test_a_vector_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="13 numbers"):
        Parameters((2, 3, 1), np.zeros(12))


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4, 6)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_full_network_equals_the_plain_loops(hidden: tuple[int, ...], activation: str) -> None:
    config = toy_config(hidden=hidden, activation=activation)
    parameters = initial_parameters(config, 4, 3)
    x = DATASET.training.x.astype(np.float64)
    z = weighted_outputs(Architecture.of(config), parameters, x)
    for row, example in zip(z, x.tolist(), strict=True):
        assert row == pytest.approx(by_hand.forward(config, Net.of(parameters), example).z[-1], rel=1e-12)


def test_scaling_for_inference_multiplies_outgoing_weights_in_a_copy() -> None:
    parameters = initial_parameters(toy_config(hidden=(5, 4)), 4, 3)
    before = parameters.flat.tolist()
    scaled = scaled_for_inference(parameters, [0.8, 0.5, 0.25])
    for W, V, keep in zip(parameters.weights, scaled.weights, [0.8, 0.5, 0.25], strict=True):
        assert V.tolist() == [[w * keep for w in row] for row in W.tolist()]
    assert [b.tolist() for b in scaled.biases] == [b.tolist() for b in parameters.biases]
    assert parameters.flat.tolist() == before
