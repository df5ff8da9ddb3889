"""The network: its parameters, forward and backward.

Layer ℓ has W (n_in, n_out) and b (n_out,); activations are (batch, n), one row an example.
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
    """All weights and biases in one vector, with a view of each layer's.

    One vector, because an update then is a few operations over everything instead of a few for
    every layer. The weights come first, so that the penalties' part is one slice.

    Attributes:
        flat: everything; `flat[:weight_count]` the weights, layer after layer, then the biases.
        weights: a view (n_in, n_out) for each layer.
        biases: a view (n_out,) for each layer.
    """

    def __init__(self, sizes: Sequence[int], flat: Array) -> None:
        self.sizes = tuple(sizes)
        shapes = list(itertools.pairwise(self.sizes))
        self.weight_count = sum(a * b for a, b in shapes)
        length = self.length(self.sizes)
        if flat.shape != (length,):
            raise FieldError("flat", f"must have {length} numbers for a network of {sizes}, got shape {flat.shape}")
        self.flat = flat
        self.weights: list[Array] = []
        self.biases: list[Array] = []
        at = 0
        for n_in, n_out in shapes:
            self.weights.append(flat[at : at + n_in * n_out].reshape(n_in, n_out))
            at += n_in * n_out
        for n_out in self.sizes[1:]:
            self.biases.append(flat[at : at + n_out])
            at += n_out

    @property
    def flat_weights(self) -> Array:
        """All weights and no bias: what a penalty is about."""
        return self.flat[: self.weight_count]

    @property
    def flat_biases(self) -> Array:
        """All biases."""
        return self.flat[self.weight_count :]

    @staticmethod
    def length(sizes: Sequence[int]) -> int:
        """How many weights and biases a network has."""
        return sum(a * b for a, b in itertools.pairwise(sizes)) + sum(sizes[1:])

    @classmethod
    def empty(cls, sizes: Sequence[int], dtype: np.dtype | str) -> Parameters:
        return cls(sizes, np.zeros(cls.length(sizes), dtype=dtype))

    def copy(self) -> Parameters:
        return Parameters(self.sizes, self.flat.copy())


def sizes_of(config: RunConfig, inputs: int, classes: int) -> tuple[int, ...]:
    """The number of neurons of every layer, inputs and outputs included."""
    return (inputs, *config.hidden, classes)


def initial_parameters(config: RunConfig, inputs: int, classes: int) -> Parameters:
    """The parameters a run starts from: a function of its seed, sizes and initializer alone."""
    parameters = Parameters.empty(sizes_of(config, inputs, classes), config.dtype)
    initialize = INITIALIZERS[config.initializer]
    for layer, (W, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True), start=1):
        rng = generator(config.seed, Stream.PARAMETERS, layer)
        W[...] = initialize(rng, *W.shape)
        b[...] = rng.standard_normal(b.shape)
    return parameters


@dataclass
class Architecture:
    """What turns parameters into a function: the hidden activation and the cost with its output."""

    activation: Activation
    cost: Cost

    @classmethod
    def of(cls, config: RunConfig) -> Architecture:
        return cls(ACTIVATIONS[config.activation], COSTS[config.cost])


@dataclass
class Trace:
    """What one mini-batch leaves behind on its way forward, and the errors on its way back.

    The buffers are made once for a batch length and used again for every mini-batch of it.

    Attributes:
        x: the inputs (batch, n_0), those dropped already 0.
        h: each hidden layer's activations before its mask.
        a: the same after it: what the next layer sees.
        z: the output layer's weighted input (batch, n_L).
        delta: each layer's error δ = ∂C/∂z.
        slope: room for f′(z) of each hidden layer.
        masks: each hidden layer's mask (1 or batch, n), None where nothing is dropped.
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
        """Buffers of its own for everything but x and z, which lie in the block of mini-batches."""

        def room(n: int) -> Array:
            return np.zeros((batch, n), dtype=dtype)

        h = [room(n) for n in sizes[1:-1]]
        return cls(
            x=room(0),
            h=h,
            a=[room(n) for n in sizes[1:-1]] if dropout else h,
            z=room(0),
            delta=[room(n) for n in sizes[1:]],
            slope=[room(n) for n in sizes[1:-1]],
            masks=[None] * len(h),
        )

    def within(self, sizes: Sequence[int], batch: int) -> Trace:
        """A trace for a smaller network or mini-batch in the same buffers."""

        def part(buffers: list[Array], widths: Sequence[int]) -> list[Array]:
            pairs = zip(buffers, widths, strict=True)
            return [buffer.reshape(-1)[: batch * n].reshape(batch, n) for buffer, n in pairs]

        h = part(self.h, sizes[1:-1])
        return replace(
            self,
            h=h,
            a=h if self.a is self.h else part(self.a, sizes[1:-1]),
            delta=part(self.delta, sizes[1:]),
            slope=part(self.slope, sizes[1:-1]),
            masks=[None] * len(h),
        )

    def into(self, layer: int) -> Array:
        """What the weights of a layer are multiplied by: the inputs, or the activations below it."""
        return self.a[layer - 1] if layer else self.x


def forward(architecture: Architecture, parameters: Parameters, trace: Trace) -> None:
    """From `trace.x` to `trace.z`: a ← f(a W + b) ⊙ mask, layer by layer."""
    weights, biases, activation = parameters.weights, parameters.biases, architecture.activation
    a = trace.x
    for W, b, h, masked, mask in zip(weights, biases, trace.h, trace.a, trace.masks):  # noqa: B905 (the outputs follow)
        np.dot(a, W, h)
        np.add(h, b, h)
        activation.apply(h, h)
        a = h
        if mask is not None:
            a = np.multiply(h, mask, masked)
    np.dot(a, weights[-1], trace.z)
    np.add(trace.z, biases[-1], trace.z)


def backward(architecture: Architecture, parameters: Parameters, trace: Trace, y: Array) -> Iterator[int]:
    """Hand out the layers from the last to the first, each with its error in `trace.delta`.

    At the output δ is the cost's; one layer down δ ← (δ Wᵀ) ⊙ f′(z) ⊙ mask, so a dropped neuron
    passes nothing back. With it ∂C/∂W = aᵀ δ and ∂C/∂b = Σ δ, a being `trace.into(layer)`.

    When a layer is handed out, its weights have served: the caller may update them at once.
    """
    delta = trace.delta[-1]
    architecture.cost.delta(trace.z, y, delta)
    for layer in range(len(trace.h), 0, -1):
        below, slope, mask = trace.delta[layer - 1], trace.slope[layer - 1], trace.masks[layer - 1]
        np.dot(delta, parameters.weights[layer].T, below)
        architecture.activation.slope(trace.h[layer - 1], slope)
        np.multiply(below, slope, below)
        if mask is not None:
            np.multiply(below, mask, below)
        yield layer
        delta = below
    yield 0


def scaled_for_inference(parameters: Parameters, keep: Sequence[float]) -> Parameters:
    """The full network that stands for all thinned ones: outgoing weights × keep, biases unscaled.

    Args:
        parameters: as trained; returned as they are when every keep probability is 1.
        keep: the keep probability of layer 0 (the inputs) and of each hidden layer.
    """
    if all(k == 1.0 for k in keep):
        return parameters
    scaled = parameters.copy()
    for W, k in zip(scaled.weights, keep, strict=True):
        W *= k
    return scaled


def weighted_outputs(architecture: Architecture, parameters: Parameters, x: Array) -> Array:
    """z of the output layer for every example of x (n, n_0), with no dropout: (n, n_L)."""
    a = x
    for W, b in zip(parameters.weights[:-1], parameters.biases[:-1], strict=True):
        a = np.dot(a, W)
        a += b
        architecture.activation.apply(a, a)
    z = np.dot(a, parameters.weights[-1])
    z += parameters.biases[-1]
    return z
