"""Stochastic gradient descent: mini-batches prepared in blocks, one update after another.

This file owns every buffer that training writes, and allocates none that grows with the network while
it trains. Targets are
gathered and masks drawn for a block of mini-batches at once, and the cost of each mini-batch is
worked out for the whole block from the outputs it left behind. Inputs are larger: they are gathered
a few mini-batches ahead, and still lie in the cache when they are multiplied. What remains between
two updates is the matrix products and a few passes over small arrays. Where the time goes:
docs/speed.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy import ndarray as Array

from engine.families.penalties.sum import Sum
from engine.learning.blas import Factor, accumulator, factor
from engine.learning.dropout import drop_probability, mask_rows
from engine.learning.network import Architecture, Parameters, Trace, backward, forward
from engine.learning.thinned import ThinnedNetwork, thinning_pays

if TYPE_CHECKING:
    from engine.config import RunConfig

BLOCK = 64  # mini-batches prepared at once: more brings nothing, fewer shows in small networks
BLOCK_BYTES = 8 << 20  # and fewer when their masks are large
AHEAD_BYTES = 128 << 10  # inputs gathered at once: a part of the cache that a core has to itself


class MiniBatch(NamedTuple):
    """One mini-batch of the block, with everything about its update prepared.

    Attributes:
        trace: its inputs, outputs and masks, and the buffers that all mini-batches share.
        y: its targets (batch, n_L).
        descend: for each layer, the call that does W ← f W − (η/m) aᵀ δ.
        rates: −η/m, once for every example: rates · δ is the step of a layer's biases.
        bias_steps: room for that step, a view of `bias_step` for each layer.
        bias_step: the same for all layers as one vector.
        biases: the biases of all layers as one vector: one addition moves them all.
    """

    trace: Trace
    y: Array
    descend: list[Callable[[], None]]
    rates: Array
    bias_steps: list[Array]
    bias_step: Array
    biases: Array


class Workspace:
    """The preallocated room of one run, and the update of one mini-batch."""

    def __init__(self, config: RunConfig, sizes: tuple[int, ...], parameters: Parameters) -> None:
        self.config = config
        self.parameters = parameters
        self.architecture = Architecture.of(config)
        self.sizes = sizes
        self.dtype = np.dtype(config.dtype)
        self.batch = config.mini_batch_size
        self.block = max(1, min(BLOCK, BLOCK_BYTES // (self.batch * max(sizes) * self.dtype.itemsize)))
        self.ahead = max(1, min(self.block, AHEAD_BYTES // (self.batch * sizes[0] * self.dtype.itemsize)))
        self.x = np.empty((self.ahead, self.batch, sizes[0]), self.dtype)
        self.y = np.empty((self.block, self.batch, sizes[-1]), self.dtype)
        self.z = np.empty((self.block, self.batch, sizes[-1]), self.dtype)
        self.learning_rate = 0.0
        self.penalty = Sum()
        self._decay = factor(self.dtype)  # f: what a penalty leaves of a weight, shared by all prepared products
        self._rates: dict[int, tuple[Factor, Array]] = {}  # −η/m by the length m of a mini-batch
        self._bias_step = np.empty(sum(sizes[1:]), self.dtype)
        largest = max(W.size for W in parameters.weights)
        self._scratch = np.empty((1, largest), self.dtype)
        self._product = np.empty(largest, self.dtype)  # for where there is no BLAS to be called; untouched elsewhere
        self._examples, self._order, self._gathered = self.x[0], np.empty(0, np.intp), -1
        self._make_masks(config)

    def change(self, config: RunConfig) -> None:
        """Go on with another config: of all that may change, only what is dropped needs other room."""
        if any(
            drop_probability(config, layer) != drop_probability(self.config, layer) for layer in range(len(self.masks))
        ):
            self._make_masks(config)
        self.config = config

    def _make_masks(self, config: RunConfig) -> None:
        rows = self.batch if config.dropout_mask == "example" else 1
        self.masks: list[Array | None] = [
            np.empty((self.block, rows, n), self.dtype) if drop_probability(config, layer) else None
            for layer, n in enumerate(self.sizes[:-1])
        ]
        self._kept: list[list[Array]] = []
        self._thinned = ThinnedNetwork(self.parameters, config) if thinning_pays(config, self.sizes) else None
        # a thinned network multiplies with no mask, but for inverted scaling's 1 / (1 − p)
        masked = config.drop_probability > 0 and not (self._thinned and config.dropout_scaling == "classic")
        self._buffers = Trace.empty(self.sizes, self.batch, self.dtype, masked)
        self._prepared: dict[tuple[int, int], MiniBatch] = {}

    def prepare(self, x: Array, y: Array, order: Array, first_step: int) -> None:
        """Make the next block ready, for the updates from first_step on.

        Args:
            x: all inputs (n, n_0). y: all targets, one-hot (n, n_L).
            order: the rows of x for the coming mini-batches, at most a block of them.
        """
        k = len(order)
        # mode="clip" writes straight into `out`; the default would go through a buffer
        np.take(y, order, axis=0, out=self.y.reshape(-1, self.sizes[-1])[:k], mode="clip")
        self._draw_masks(first_step, -(-k // self.batch))
        self._examples, self._order, self._gathered = x, order, -1

    def set_rule(self, learning_rate: float, penalty: Sum) -> None:
        """Set how the coming updates move the weights."""
        self.learning_rate, self.penalty = learning_rate, penalty
        self._decay.value = penalty.decay(learning_rate)
        if len(self._scratch) < penalty.rows:
            self._scratch = np.empty((penalty.rows, self._scratch.shape[1]), self.dtype)
        for batch in self._rates:
            self._set_rate(batch)

    def update(self, i: int, batch: int) -> None:
        """One update from the block's i-th mini-batch of `batch` examples.

        w ← (the penalty's step at the old w) − (η/m) Σ ∂Cx/∂w, and b ← b − (η/m) Σ ∂Cx/∂b.
        """
        if i // self.ahead != self._gathered:
            self._gather(i // self.ahead)
        if self._thinned:
            self._update_thinned(i, batch, self._thinned)
        else:
            mini_batch = self._prepared.get((i, batch)) or self._prepare(i, batch)
            self._descend(self.parameters, mini_batch)
        if self.penalty.whole:
            self.penalty.finish(self.parameters.weights, self.learning_rate, self._scratch)

    def costs(self, first: int, last: int, batch: int) -> Array:
        """The mean data cost of the block's mini-batches first … last − 1, each `batch` long.

        They are what the thinned network made of them before its update ("with dropout").
        """
        z, y = self.z[first:last, :batch], self.y[first:last, :batch]
        return self.architecture.cost.values(z, y).mean(axis=-1)

    def _gather(self, part: int) -> None:
        """Copy the inputs of the block's part-th few mini-batches, those dropped as 0."""
        first = part * self.ahead
        rows = self._order[first * self.batch : (first + self.ahead) * self.batch]
        self._examples.take(rows, 0, self.x.reshape(-1, self.sizes[0])[: len(rows)], "clip")
        if self.masks[0] is not None:
            mask = self.masks[0][first : first + self.ahead]
            self.x[: len(mask)] *= mask
        self._gathered = part

    def _draw_masks(self, first_step: int, count: int) -> None:
        """The masks of the block's mini-batches, ready to multiply with."""
        config = self.config
        self._kept = [[] for _ in range(count)]
        for layer, room in enumerate(self.masks):
            if room is None:
                continue
            kept = mask_rows(config, layer, first_step, count, self.sizes[layer])
            if layer and self._thinned:
                for i in range(count):
                    self._kept[i].append(np.flatnonzero(kept[i]))
                continue
            room[:count] = kept
            if config.dropout_scaling == "inverted":
                room[:count] /= 1 - drop_probability(config, layer)

    def _descend(self, parameters: Parameters, mini_batch: MiniBatch) -> None:
        """Forward, and backward with every layer's step taken as soon as its weights have served."""
        trace, y, descend, rates, bias_steps, bias_step, biases = mini_batch
        explicit = self.penalty.explicit
        forward(self.architecture, parameters, trace)
        for layer in backward(self.architecture, parameters, trace, y):
            np.dot(rates, trace.delta[layer], bias_steps[layer])
            if explicit:
                self._penalized(parameters.weights[layer], descend[layer])
            else:
                descend[layer]()
        np.add(biases, bias_step, biases)

    def _penalized(self, W: Array, move: Callable[[], None]) -> None:
        """Take a layer's step: the explicit penalties' around `move`, which decays and adds the data's."""
        self.penalty.before(W, self.learning_rate, self._scratch)
        move()
        self.penalty.after(W, self.learning_rate, self._scratch)

    def _update_thinned(self, i: int, batch: int, thinned: ThinnedNetwork) -> None:
        """The same with the smaller network cut out; the weights that sit it out take the penalty's step alone."""
        small = thinned.cut_out(self._kept[i])
        buffers = self._buffers.within(small.sizes, batch)
        if self.config.dropout_scaling == "inverted":
            buffers.masks = [thinned.boost] * len(buffers.masks)
        mini_batch = self._mini_batch(small, i, batch, buffers)
        self._descend(small, mini_batch)
        if self.penalty.explicit or self._decay.value != 1.0:
            for W in self.parameters.weights:
                self._penalized(W, partial(np.multiply, W, self._decay.value, out=W))
        thinned.put_back()

    def _prepare(self, i: int, batch: int) -> MiniBatch:
        buffers = self._buffers if batch == self.batch else self._buffers.within(self.sizes, batch)
        masks = [None if mask is None else mask[i, :batch] for mask in self.masks[1:]]
        prepared = self._mini_batch(self.parameters, i, batch, replace(buffers, masks=masks))
        self._prepared[i, batch] = prepared
        return prepared

    def _mini_batch(self, parameters: Parameters, i: int, batch: int, buffers: Trace) -> MiniBatch:
        if batch not in self._rates:  # two at the most: the usual length and a short last one
            self._rates[batch] = factor(self.dtype), np.empty(batch, self.dtype)
            self._set_rate(batch)
        rate, rates = self._rates[batch]
        trace = replace(buffers, x=self.x[i % self.ahead, :batch], z=self.z[i, :batch])
        descend = [
            accumulator(W, trace.into(layer), trace.delta[layer], rate, self._decay, self._product)
            for layer, W in enumerate(parameters.weights)
        ]
        step = self._bias_step[: sum(parameters.sizes[1:])]
        ends = np.cumsum(parameters.sizes[1:-1])
        return MiniBatch(trace, self.y[i, :batch], descend, rates, np.split(step, ends), step, parameters.flat_biases)

    def _set_rate(self, batch: int) -> None:
        rate, rates = self._rates[batch]
        rate.value = -self.learning_rate / batch
        rates.fill(rate.value)
