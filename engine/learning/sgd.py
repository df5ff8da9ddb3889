"""Stochastic gradient descent: mini-batches prepared in blocks, one update after another.

This file owns all buffers of training and allocates none that grows with the network while it trains. Targets are
gathered and masks drawn for a block of mini-batches at once, and the costs of the mini-batches are computed for the
whole block from their outputs. Inputs are larger, so they are gathered only a few mini-batches ahead and are still in
the cache when they are used. An update then takes the matrix products and a few passes over small arrays. See
docs/speed.md for the times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy import ndarray as Array

from engine.families.penalties.sum import PenaltySum
from engine.learning.blas import Factor, prepare_product, shared_factor
from engine.learning.dropout import drop_probability, masks_of_steps
from engine.learning.network import Architecture, Parameters, Trace, backward, forward
from engine.learning.thinned import ThinnedNetwork, is_thinning_faster

if TYPE_CHECKING:
    from engine.config import RunConfig

MAX_BLOCK_LENGTH = 64  # mini-batches prepared at once: more is not faster, fewer is slower in small networks
MAX_BLOCK_BYTES = 8 << 20  # limit of a block's masks: wide networks have smaller blocks
MAX_GATHERED_BYTES = 128 << 10  # inputs gathered at once: they fit into the cache of a core


class MiniBatch(NamedTuple):
    """One mini-batch of the block, prepared for its update.

    Attributes:
        trace: its inputs, outputs and masks, and the buffers that all mini-batches share.
        y: its targets (batch, n_L).
        weight_updates: for each layer, the call that does W ← f W − (η/m) aᵀ δ.
        negative_rates: −η/m for every example; negative_rates · δ is the step of a layer's biases.
        bias_steps: buffer for that step, a view of `bias_step` for each layer.
        bias_step: the same for all layers as one vector.
        biases: the biases of all layers as one vector, so that one addition updates all.
    """

    trace: Trace
    y: Array
    weight_updates: list[Callable[[], None]]
    negative_rates: Array
    bias_steps: list[Array]
    bias_step: Array
    biases: Array


class Workspace:
    """The buffers of one run, and the update of one mini-batch."""

    def __init__(self, config: RunConfig, sizes: tuple[int, ...], parameters: Parameters) -> None:
        self.current_config = config
        self.parameters = parameters
        self.architecture = Architecture.of(config)
        self.sizes = sizes
        self.dtype = np.dtype(config.dtype)
        self.batch_size = config.mini_batch_size
        self.block_length = max(
            1, min(MAX_BLOCK_LENGTH, MAX_BLOCK_BYTES // (self.batch_size * max(sizes) * self.dtype.itemsize))
        )
        self.gather_length = max(
            1, min(self.block_length, MAX_GATHERED_BYTES // (self.batch_size * sizes[0] * self.dtype.itemsize))
        )
        self.x = np.empty((self.gather_length, self.batch_size, sizes[0]), self.dtype)
        self.y = np.empty((self.block_length, self.batch_size, sizes[-1]), self.dtype)
        self.z = np.empty((self.block_length, self.batch_size, sizes[-1]), self.dtype)
        self.learning_rate = 0.0
        self.penalty = PenaltySum()
        self._decay_factor = shared_factor(self.dtype)  # f of the penalties, shared by all prepared products
        self._rate_buffers: dict[int, tuple[Factor, Array]] = {}  # −η/m by the length m of a mini-batch
        self._bias_step = np.empty(sum(sizes[1:]), self.dtype)
        largest = max(W.size for W in parameters.weights)
        self._scratch = np.empty((1, largest), self.dtype)
        self._product_buffer = np.empty(largest, self.dtype)  # used only without BLAS
        self._examples, self._order, self._gathered_index = self.x[0], np.empty(0, np.intp), -1
        self._allocate_masks(config)

    def change(self, config: RunConfig) -> None:
        """Use another config from the next update on. Only changed drop probabilities need new buffers."""
        old_config, layers = self.current_config, range(len(self.masks))
        if any(drop_probability(config, layer) != drop_probability(old_config, layer) for layer in layers):
            self._allocate_masks(config)
        self.current_config = config

    def _allocate_masks(self, config: RunConfig) -> None:
        rows = self.batch_size if config.dropout_mask == "example" else 1
        self.masks: list[Array | None] = [
            np.empty((self.block_length, rows, n), self.dtype) if drop_probability(config, layer) else None
            for layer, n in enumerate(self.sizes[:-1])
        ]
        self._kept_neurons: list[list[Array]] = []
        self._thinned = ThinnedNetwork(self.parameters, config) if is_thinning_faster(config, self.sizes) else None
        # a thinned network needs no masks, except for the 1 / (1 − p) of inverted scaling
        needs_masks = config.drop_probability > 0 and not (self._thinned and config.dropout_scaling == "classic")
        self._buffers = Trace.empty(self.sizes, self.batch_size, self.dtype, needs_masks)
        self._prepared: dict[tuple[int, int], MiniBatch] = {}

    def prepare(self, x: Array, y: Array, order: Array, first_step: int) -> None:
        """Prepare the next block, for the updates from `first_step` on.

        Args:
            x: all inputs (n, n_0). y: all targets, one-hot (n, n_L).
            order: the rows of x for the mini-batches, at most a block of them.
        """
        k = len(order)
        # mode="clip" writes directly into `out`; the default uses a temporary buffer
        np.take(y, order, axis=0, out=self.y.reshape(-1, self.sizes[-1])[:k], mode="clip")
        self._draw_masks(first_step, -(-k // self.batch_size))
        self._examples, self._order, self._gathered_index = x, order, -1

    def set_step_rule(self, learning_rate: float, penalty: PenaltySum) -> None:
        """Set the learning rate and the penalties of the next updates."""
        self.learning_rate, self.penalty = learning_rate, penalty
        self._decay_factor.value = penalty.decay(learning_rate)
        if len(self._scratch) < penalty.scratch_rows:
            self._scratch = np.empty((penalty.scratch_rows, self._scratch.shape[1]), self.dtype)
        for batch_size in self._rate_buffers:
            self._set_rate(batch_size)

    def update(self, i: int, batch_size: int) -> None:
        """Do the update of the block's i-th mini-batch of `batch_size` examples.

        w ← (the penalty's step at the old w) − (η/m) Σ ∂Cx/∂w, and b ← b − (η/m) Σ ∂Cx/∂b.
        """
        if i // self.gather_length != self._gathered_index:
            self._gather(i // self.gather_length)
        if self._thinned:
            self._update_thinned(i, batch_size, self._thinned)
        else:
            mini_batch = self._prepared.get((i, batch_size)) or self._prepare_mini_batch(i, batch_size)
            self._train_on(self.parameters, mini_batch)
        if self.penalty.neuron_members:
            self.penalty.take_neuron_steps(self.parameters.weights, self.learning_rate, self._scratch)

    def costs(self, first: int, last: int, batch_size: int) -> Array:
        """Return the mean data costs of the block's mini-batches first … last − 1, each with `batch_size` examples.

        They are the costs of the thinned network before its update ("with dropout").
        """
        z, y = self.z[first:last, :batch_size], self.y[first:last, :batch_size]
        return self.architecture.cost.values(z, y).mean(axis=-1)

    def correct_counts(self, first: int, last: int, batch_size: int) -> Array:
        """Return how many examples of the mini-batches first … last − 1 were classified correctly, int (last − first,).

        Like `costs`, by the thinned network before the update. The outputs of the forward pass are used again.
        """
        z, y = self.z[first:last, :batch_size], self.y[first:last, :batch_size]
        # every output function is monotonic in z, so the largest z is the largest output
        return (z.argmax(axis=-1) == y.argmax(axis=-1)).sum(axis=-1)

    def _gather(self, index: int) -> None:
        """Copy the inputs of the next `gather_length` mini-batches of the block, with dropped inputs set to 0."""
        first = index * self.gather_length
        rows = self._order[first * self.batch_size : (first + self.gather_length) * self.batch_size]
        self._examples.take(rows, 0, self.x.reshape(-1, self.sizes[0])[: len(rows)], "clip")
        if self.masks[0] is not None:
            mask = self.masks[0][first : first + self.gather_length]
            self.x[: len(mask)] *= mask
        self._gathered_index = index

    def _draw_masks(self, first_step: int, count: int) -> None:
        """Draw the masks of the block's mini-batches as factors on the activations."""
        config = self.current_config
        self._kept_neurons = [[] for _ in range(count)]
        for layer, mask in enumerate(self.masks):
            if mask is None:
                continue
            is_kept = masks_of_steps(config, layer, first_step, count, self.sizes[layer])
            if layer and self._thinned:
                for i in range(count):
                    self._kept_neurons[i].append(np.flatnonzero(is_kept[i]))
                continue
            mask[:count] = is_kept
            if config.dropout_scaling == "inverted":
                mask[:count] /= 1 - drop_probability(config, layer)

    def _train_on(self, parameters: Parameters, mini_batch: MiniBatch) -> None:
        """Run the forward and backward pass; update each layer as soon as its old weights are not needed."""
        trace, y, weight_updates, negative_rates, bias_steps, bias_step, biases = mini_batch
        has_explicit_steps = self.penalty.has_explicit_steps
        forward(self.architecture, parameters, trace)
        for layer in backward(self.architecture, parameters, trace, y):
            np.dot(negative_rates, trace.delta[layer], bias_steps[layer])
            if has_explicit_steps:
                self._update_layer(parameters.weights[layer], weight_updates[layer])
            else:
                weight_updates[layer]()
        np.add(biases, bias_step, biases)

    def _update_layer(self, W: Array, add_data_step: Callable[[], None]) -> None:
        """Update a layer. `add_data_step` decays W and adds the data's step; penalties act before and after."""
        self.penalty.step_before(W, self.learning_rate, self._scratch)
        add_data_step()
        self.penalty.step_after(W, self.learning_rate, self._scratch)

    def _update_thinned(self, i: int, batch_size: int, thinned_network: ThinnedNetwork) -> None:
        """Do the update on the thinned network; all other weights take only the penalty's step."""
        thinned_parameters = thinned_network.cut_out(self._kept_neurons[i])
        buffers = self._buffers.resized(thinned_parameters.sizes, batch_size)
        if self.current_config.dropout_scaling == "inverted":
            buffers.masks = [thinned_network.kept_scale] * len(buffers.masks)
        mini_batch = self._make_mini_batch(thinned_parameters, i, batch_size, buffers)
        self._train_on(thinned_parameters, mini_batch)
        if self.penalty.has_explicit_steps or self._decay_factor.value != 1.0:
            for W in self.parameters.weights:
                self._update_layer(W, partial(np.multiply, W, self._decay_factor.value, out=W))
        thinned_network.put_back()

    def _prepare_mini_batch(self, i: int, batch_size: int) -> MiniBatch:
        buffers = self._buffers if batch_size == self.batch_size else self._buffers.resized(self.sizes, batch_size)
        masks = [None if mask is None else mask[i, :batch_size] for mask in self.masks[1:]]
        prepared = self._make_mini_batch(self.parameters, i, batch_size, replace(buffers, masks=masks))
        self._prepared[i, batch_size] = prepared
        return prepared

    def _make_mini_batch(self, parameters: Parameters, i: int, batch_size: int, buffers: Trace) -> MiniBatch:
        if batch_size not in self._rate_buffers:  # at most two: the usual length and that of a short last mini-batch
            self._rate_buffers[batch_size] = shared_factor(self.dtype), np.empty(batch_size, self.dtype)
            self._set_rate(batch_size)
        rate, negative_rates = self._rate_buffers[batch_size]
        trace = replace(buffers, x=self.x[i % self.gather_length, :batch_size], z=self.z[i, :batch_size])
        weight_updates = [
            prepare_product(
                W, trace.layer_input(layer), trace.delta[layer], rate, self._decay_factor, self._product_buffer
            )
            for layer, W in enumerate(parameters.weights)
        ]
        bias_step = self._bias_step[: sum(parameters.sizes[1:])]
        ends = np.cumsum(parameters.sizes[1:-1])
        return MiniBatch(
            trace,
            self.y[i, :batch_size],
            weight_updates,
            negative_rates,
            np.split(bias_step, ends),
            bias_step,
            parameters.flat_biases,
        )

    def _set_rate(self, batch_size: int) -> None:
        rate, negative_rates = self._rate_buffers[batch_size]
        rate.value = -self.learning_rate / batch_size
        negative_rates.fill(rate.value)
