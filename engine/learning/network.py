"""The network: its parameters, forward and backward.

Layer ℓ has W (n_in, n_out) and b (n_out,). Activations are (batch, n), with a row for each example.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.errors import FieldError
from engine.families.activations import ACTIVATIONS, Activation
from engine.families.costs import COSTS, Cost
from engine.families.initializers import INITIALIZERS
from engine.randomness import Stream, generator


class Parameters:
    """All weights and biases in one vector, with views of each layer.

    With one vector some operations run once over everything instead of once for each layer. The weights come first,
    so that they are one slice for the penalties.

    Attributes:
        flat: all parameters: first the weights, `flat[:weight_count]`, layer after layer, then the biases.
        weights: a view (n_in, n_out) for each layer.
        biases: a view (n_out,) for each layer.
    """

    def __init__(self, sizes: Sequence[int], flat: Array) -> None:
        self.sizes = tuple(sizes)
        shapes = list(itertools.pairwise(self.sizes))
        self.weight_count = sum(a * b for a, b in shapes)
        size = self.length(self.sizes)
        if flat.shape != (size,):
            raise FieldError("flat", f"must have {size} numbers for a network of {sizes}, got shape {flat.shape}")
        self.flat = flat
        self.weights: list[Array] = []
        self.biases: list[Array] = []
        offset = 0
        for n_in, n_out in shapes:
            self.weights.append(flat[offset : offset + n_in * n_out].reshape(n_in, n_out))
            offset += n_in * n_out
        for n_out in self.sizes[1:]:
            self.biases.append(flat[offset : offset + n_out])
            offset += n_out

    @property
    def flat_weights(self) -> Array:
        """All weights, without the biases."""
        return self.flat[: self.weight_count]

    @property
    def flat_biases(self) -> Array:
        """All biases."""
        return self.flat[self.weight_count :]

    @staticmethod
    def length(sizes: Sequence[int]) -> int:
        """Return the number of weights and biases of a network."""
        return sum(a * b for a, b in itertools.pairwise(sizes)) + sum(sizes[1:])

    @classmethod
    def empty(cls, sizes: Sequence[int], dtype: np.dtype | str) -> Parameters:
        return cls(sizes, np.zeros(cls.length(sizes), dtype=dtype))

    def copy(self) -> Parameters:
        return Parameters(self.sizes, self.flat.copy())


def layer_sizes_of(config: RunConfig, inputs: int, classes: int) -> tuple[int, ...]:
    """Return the number of neurons of every layer, inputs and outputs included."""
    return (inputs, *config.hidden, classes)


def initial_parameters(config: RunConfig, inputs: int, classes: int) -> Parameters:
    """Return the initial parameters of a run: a function of its seed, sizes and initializer."""
    parameters = Parameters.empty(layer_sizes_of(config, inputs, classes), config.dtype)
    initialize = INITIALIZERS[config.initializer]
    for layer, (W, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True), start=1):
        rng = generator(config.seed, Stream.PARAMETERS, layer)
        W[...] = initialize(rng, *W.shape)
        b[...] = rng.standard_normal(b.shape)
    return parameters


@dataclass
class Architecture:
    """The functions of a network: the hidden activation, and the cost with its output activation."""

    activation: Activation
    cost: Cost

    @classmethod
    def of(cls, config: RunConfig) -> Architecture:
        return cls(ACTIVATIONS[config.activation], COSTS[config.cost])


@dataclass
class Trace:
    """The activations and errors of one mini-batch.

    The buffers are allocated once and reused for every mini-batch of the same length.

    Attributes:
        x: inputs (batch, n_0); dropped inputs are already 0.
        h: activations of each hidden layer before its mask.
        a: activations of each hidden layer after its mask, the input of the next layer.
        z: weighted input of the output layer (batch, n_L).
        delta: error δ = ∂C/∂z of each layer.
        slope: buffer for f′(z) of each hidden layer.
        masks: mask of each hidden layer (1 or batch, n); None without dropout.
    """

    x: Array
    h: list[Array]
    a: list[Array]
    z: Array
    delta: list[Array]
    slope: list[Array]
    masks: list[Array | None]

    @classmethod
    def empty(cls, sizes: Sequence[int], batch: int, dtype: np.dtype | str, dropout: bool) -> Trace:
        """Return a trace with new buffers, except for x and z, which the workspace owns."""

        def buffer(n: int) -> Array:
            return np.zeros((batch, n), dtype=dtype)

        h = [buffer(n) for n in sizes[1:-1]]
        return cls(
            x=buffer(0),
            h=h,
            a=[buffer(n) for n in sizes[1:-1]] if dropout else h,
            z=buffer(0),
            delta=[buffer(n) for n in sizes[1:]],
            slope=[buffer(n) for n in sizes[1:-1]],
            masks=[None] * len(h),
        )

    def resized(self, sizes: Sequence[int], batch: int) -> Trace:
        """Return a trace of a smaller network or mini-batch in the same buffers."""

        def reshaped(buffers: list[Array], widths: Sequence[int]) -> list[Array]:
            pairs = zip(buffers, widths, strict=True)
            return [buffer.reshape(-1)[: batch * n].reshape(batch, n) for buffer, n in pairs]

        h = reshaped(self.h, sizes[1:-1])
        return replace(
            self,
            h=h,
            a=h if self.a is self.h else reshaped(self.a, sizes[1:-1]),
            delta=reshaped(self.delta, sizes[1:]),
            slope=reshaped(self.slope, sizes[1:-1]),
            masks=[None] * len(h),
        )

    def layer_input(self, layer: int) -> Array:
        """Return the input of a layer of weights: `x`, or the activations of the layer below."""
        return self.a[layer - 1] if layer else self.x


def forward(architecture: Architecture, parameters: Parameters, trace: Trace) -> None:
    """Compute `trace.z` from `trace.x`: a ← f(a W + b) ⊙ mask, layer by layer."""
    weights, biases, activation = parameters.weights, parameters.biases, architecture.activation
    a = trace.x
    for W, b, h, masked_h, mask in zip(weights, biases, trace.h, trace.a, trace.masks):  # noqa: B905 (the outputs follow)
        np.dot(a, W, h)
        np.add(h, b, h)
        activation.apply(h, h)
        a = h
        if mask is not None:
            a = np.multiply(h, mask, masked_h)
    np.dot(a, weights[-1], trace.z)
    np.add(trace.z, biases[-1], trace.z)


def backward(architecture: Architecture, parameters: Parameters, trace: Trace, y: Array) -> Iterator[int]:
    """Yield the layers from the last to the first, each with its error in `trace.delta`.

    At the output δ is that of the cost. One layer down δ ← (δ Wᵀ) ⊙ f′(z) ⊙ mask, so a dropped neuron passes nothing
    back. The gradients are ∂C/∂W = aᵀ δ and ∂C/∂b = Σ δ, with a = `trace.layer_input(layer)`.

    The weights of a yielded layer are not used again, so the caller may update them at once.
    """
    delta = trace.delta[-1]
    architecture.cost.delta(trace.z, y, delta)
    for layer in range(len(trace.h), 0, -1):
        delta_below, slope, mask = trace.delta[layer - 1], trace.slope[layer - 1], trace.masks[layer - 1]
        np.dot(delta, parameters.weights[layer].T, delta_below)
        architecture.activation.slope(trace.h[layer - 1], slope)
        np.multiply(delta_below, slope, delta_below)
        if mask is not None:
            np.multiply(delta_below, mask, delta_below)
        yield layer
        delta = delta_below
    yield 0


def scaled_for_inference(parameters: Parameters, keep: Sequence[float]) -> Parameters:
    """Return the full network, the average of the thinned ones: outgoing weights × keep, biases unscaled.

    Args:
        parameters: as trained; returned without a copy if every keep probability is 1.
        keep: the keep probability of the inputs and of each hidden layer.
    """
    if all(k == 1.0 for k in keep):
        return parameters
    scaled = parameters.copy()
    for W, k in zip(scaled.weights, keep, strict=True):
        W *= k
    return scaled


def weighted_outputs(architecture: Architecture, parameters: Parameters, x: Array) -> Array:
    """Return z of the output layer for every example of x (n, n_0), without dropout: (n, n_L)."""
    a = x
    for W, b in zip(parameters.weights[:-1], parameters.biases[:-1], strict=True):
        a = np.dot(a, W)
        a += b
        architecture.activation.apply(a, a)
    z = np.dot(a, parameters.weights[-1])
    z += parameters.biases[-1]
    return z
