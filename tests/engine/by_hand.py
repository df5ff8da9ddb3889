"""The formulas of the chapter in plain loops, for comparison with the engine.

One example and one weight at a time, with Python floats in nested lists and without matrices. It
shares only `RunConfig` with the engine. Masks are random, so they are arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine import Parameters, RunConfig

Vector = list[float]


@dataclass
class Net:
    """A network: weights[layer][j][k] from neuron j to neuron k, and biases[layer][k]."""

    weights: list[list[Vector]]
    biases: list[Vector]

    @classmethod
    def of(cls, parameters: Parameters) -> Net:
        return cls([W.tolist() for W in parameters.weights], [b.tolist() for b in parameters.biases])

    def flat(self) -> Vector:
        """All weights, layer after layer, then all biases: the order of `Parameters.flat`."""
        numbers = [w for layer in self.weights for row in layer for w in row]
        return numbers + [b for layer in self.biases for b in layer]


class Signals(NamedTuple):
    """The weighted inputs and activations of one example."""

    z: list[Vector]  # the weighted input of each layer after the inputs
    a: list[Vector]  # the activations after the mask, inputs first


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


# f(z) and f′(z) of the activations computed here; test_activation_family.py checks the others
ACTIVATIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "relu": (lambda z: max(z, 0.0), lambda z: 1.0 if z > 0 else 0.0),
}
COSTS = ("cross-entropy", "quadratic", "log-likelihood")


def activation(name: str, z: float) -> float:
    return ACTIVATIONS[name][0](z)


def slope(name: str, z: float) -> float:
    return ACTIVATIONS[name][1](z)


def outputs(cost: str, z: Vector) -> Vector:
    if cost == "log-likelihood":
        total = sum(math.exp(v) for v in z)
        return [math.exp(v) / total for v in z]
    return [sigmoid(v) for v in z]


def cost_of(cost: str, a: Vector, y: Sequence[float]) -> float:
    """Cx from the output activations, by the formulas of the chapter."""
    if cost == "quadratic":
        return sum((a_k - y_k) ** 2 for a_k, y_k in zip(a, y, strict=True)) / 2
    if cost == "cross-entropy":
        return -sum(y_k * math.log(a_k) + (1 - y_k) * math.log(1 - a_k) for a_k, y_k in zip(a, y, strict=True))
    return -math.log(a[list(y).index(1)])


def output_error(cost: str, z: Vector, y: Sequence[float]) -> Vector:
    """∂Cx/∂z: a − y, and for the quadratic cost (a − y) σ′(z)."""
    error = [a - t for a, t in zip(outputs(cost, z), y, strict=True)]
    if cost == "quadratic":
        error = [e * slope("sigmoid", v) for e, v in zip(error, z, strict=True)]
    return error


Masks = Sequence[Sequence[float] | None]  # factors of the inputs and of each hidden layer; None drops nothing


def forward(config: RunConfig, net: Net, x: Sequence[float], masks: Masks | None = None) -> Signals:
    masks = masks or [None] * len(net.weights)
    a = [_multiply_mask(x, masks[0])]
    z = []
    for layer, (W, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        z.append([b[k] + sum(a[-1][j] * W[j][k] for j in range(len(W))) for k in range(len(b))])
        if layer + 1 < len(net.weights):
            a.append(_multiply_mask([activation(config.activation, v) for v in z[-1]], masks[layer + 1]))
    return Signals(z, a)


def example_cost(
    config: RunConfig, net: Net, x: Sequence[float], y: Sequence[float], masks: Masks | None = None
) -> float:
    return cost_of(config.cost, outputs(config.cost, forward(config, net, x, masks).z[-1]), y)


def gradient(config: RunConfig, net: Net, x: Sequence[float], y: Sequence[float], masks: Masks) -> Net:
    """∂Cx/∂w and ∂Cx/∂b of one example."""
    signals = forward(config, net, x, masks)
    delta = output_error(config.cost, signals.z[-1], y)
    weights: list[list[Vector]] = []
    biases: list[Vector] = []
    for layer in reversed(range(len(net.weights))):
        weights.insert(0, [[a * d for d in delta] for a in signals.a[layer]])
        biases.insert(0, delta)
        if layer:
            mask, z, W = masks[layer], signals.z[layer - 1], net.weights[layer]
            delta = [
                sum(W[j][k] * delta[k] for k in range(len(delta)))
                * slope(config.activation, z[j])
                * (1.0 if mask is None else mask[j])
                for j in range(len(W))
            ]
    return Net(weights, biases)


def penalty(config: RunConfig, net: Net, n: int) -> float:
    """(λ/2n) Σ w² + (λ/n) Σ |w|, without biases."""
    weights = [w for layer in net.weights for row in layer for w in row]
    return config.l2 / (2 * n) * sum(w * w for w in weights) + config.l1 / n * sum(abs(w) for w in weights)


def new_weight(config: RunConfig, n: int, w: float, data_step: float) -> float:
    """One update of one weight, where data_step = −(η/m) Σ ∂Cx/∂w."""
    shrink, push = config.learning_rate * config.l2 / n, config.learning_rate * config.l1 / n
    side = (w > 0) - (w < 0)
    if push == 0:
        return (1 - shrink) * w + data_step
    if config.l1_rule == "proximal":
        u = (1 - shrink) * w + data_step
        return math.copysign(max(abs(u) - push, 0.0), u)
    new = (1 - shrink) * w - push * side + data_step
    if config.l1_rule == "clip" and new * side < 0:
        return 0.0
    return new


def update(
    config: RunConfig,
    net: Net,
    n: int,
    batch: Iterable[tuple[Sequence[float], Sequence[float], Masks]],
) -> tuple[Net, float]:
    """One update from a mini-batch of (x, y, masks); returns the new network and the old mean cost."""
    examples = list(batch)
    m = len(examples)
    gradients = [gradient(config, net, x, y, masks) for x, y, masks in examples]
    cost = sum(example_cost(config, net, x, y, masks) for x, y, masks in examples) / m
    rate = config.learning_rate / m
    weights = [
        [
            [
                new_weight(config, n, w, -rate * sum(g.weights[layer][j][k] for g in gradients))
                for k, w in enumerate(row)
            ]
            for j, row in enumerate(W)
        ]
        for layer, W in enumerate(net.weights)
    ]
    biases = [
        [b - rate * sum(g.biases[layer][k] for g in gradients) for k, b in enumerate(row)]
        for layer, row in enumerate(net.biases)
    ]
    if config.max_norm is not None:
        for W in weights[:-1]:
            for k in range(len(W[0])):
                norm = math.sqrt(sum(row[k] ** 2 for row in W))
                if norm > config.max_norm:
                    for row in W:
                        row[k] *= config.max_norm / norm
    return Net(weights, biases), cost


def inference(config: RunConfig, net: Net) -> Net:
    """The full network: with classic scaling, outgoing weights × keep probability, biases unscaled."""
    if config.dropout_scaling == "inverted":
        return net
    keep = [1 - config.input_drop_probability] + [1 - config.drop_probability] * (len(net.weights) - 1)
    return Net([[[w * k for w in row] for row in W] for W, k in zip(net.weights, keep, strict=True)], net.biases)


def _multiply_mask(a: Sequence[float], mask: Sequence[float] | None) -> Vector:
    return list(a) if mask is None else [v * m for v, m in zip(a, mask, strict=True)]
