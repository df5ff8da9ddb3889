"""The network: its parameters, forward and backward.

Layer ℓ has W (n_in, n_out) and b (n_out,); activations are (batch, n), one row an example.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.activations import ACTIVATIONS, Activation, Array
from engine.config import RunConfig
from engine.costs import COSTS, Cost
from engine.errors import FieldError
from engine.initializers import INITIALIZERS
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
        length = self.weight_count + sum(self.sizes[1:])
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

    @classmethod
    def empty(cls, sizes: Sequence[int], dtype: np.dtype | str) -> Parameters:
        weights = sum(a * b for a, b in itertools.pairwise(sizes))
        return cls(sizes, np.zeros(weights + sum(sizes[1:]), dtype=dtype))

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
    masks: list[Array | None] = field(default_factory=list)

    @classmethod
    def empty(cls, sizes: Sequence[int], batch: int, dtype: np.dtype | str, dropout: bool) -> Trace:
        def room(n: int) -> Array:
            return np.zeros((batch, n), dtype=dtype)

        h = [room(n) for n in sizes[1:-1]]
        return cls(
            x=room(0),
            h=h,
            a=[room(n) for n in sizes[1:-1]] if dropout else h,
            z=room(sizes[-1]),
            delta=[room(n) for n in sizes[1:]],
            slope=[room(n) for n in sizes[1:-1]],
            masks=[None] * len(h),
        )


def forward(architecture: Architecture, parameters: Parameters, trace: Trace) -> None:
    """From `trace.x` to `trace.z`: a ← f(a W + b) ⊙ mask, layer by layer."""
    a = trace.x
    last = len(trace.h)
    for layer in range(last):
        h, mask = trace.h[layer], trace.masks[layer]
        np.dot(a, parameters.weights[layer], out=h)
        h += parameters.biases[layer]
        architecture.activation.apply(h)
        a = trace.a[layer]
        if mask is not None:
            np.multiply(h, mask, out=a)
        elif a is not h:
            np.copyto(a, h)
    np.dot(a, parameters.weights[last], out=trace.z)
    trace.z += parameters.biases[last]


def backward(
    architecture: Architecture,
    parameters: Parameters,
    trace: Trace,
    y: Array,
    gradient: Parameters,
    ones: Array,
    scale: float = 1.0,
) -> None:
    """Write `scale` times the gradient of the summed data cost into `gradient`.

    At the output δ is the cost's; one layer down δ ← (δ Wᵀ) ⊙ f′(z) ⊙ mask, so a dropped neuron
    passes nothing back. ∂C/∂W = aᵀ δ and ∂C/∂b = Σ δ over the mini-batch, `ones` being (batch,).
    `scale` multiplies the small δ instead of the large gradient: with −η/m the result is the step.
    """
    delta = trace.delta[-1]
    architecture.cost.delta(trace.z, y, delta)
    if scale != 1.0:
        delta *= scale
    for layer in range(len(trace.h), -1, -1):
        a = trace.a[layer - 1] if layer else trace.x
        np.dot(a.T, delta, out=gradient.weights[layer])
        np.dot(ones, delta, out=gradient.biases[layer])
        if layer:
            below, slope = trace.delta[layer - 1], trace.slope[layer - 1]
            np.dot(delta, parameters.weights[layer].T, out=below)
            architecture.activation.slope(trace.h[layer - 1], slope)
            below *= slope
            mask = trace.masks[layer - 1]
            if mask is not None:
                below *= mask
            delta = below


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
        architecture.activation.apply(a)
    z = np.dot(a, parameters.weights[-1])
    z += parameters.biases[-1]
    return z
