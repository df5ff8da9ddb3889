"""Stochastic gradient descent: mini-batches prepared in blocks, one update after another.

This file owns every buffer that training writes. Examples are gathered and masks drawn for a block
of mini-batches at once, and the cost of each mini-batch is worked out for the whole block from the
outputs it left behind; what remains between two updates is the matrix products and a few passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.dropout import drop_probability, mask_rows
from engine.network import Architecture, Parameters, Trace, backward, forward
from engine.penalties import Penalty, bound_norms

if TYPE_CHECKING:
    from engine.config import RunConfig

BLOCK = 64  # mini-batches prepared at once: more brings nothing, fewer shows in small networks
BLOCK_BYTES = 8 << 20  # and fewer when the examples are large


class Workspace:
    """The preallocated room of one run, and the update of one mini-batch."""

    def __init__(self, config: RunConfig, sizes: tuple[int, ...], parameters: Parameters) -> None:
        self.parameters = parameters
        self.architecture = Architecture.of(config)
        self.sizes = sizes
        self.dtype = np.dtype(config.dtype)
        self.batch = config.mini_batch_size
        example_bytes = self.batch * (sizes[0] + sizes[-1]) * self.dtype.itemsize
        self.block = max(1, min(BLOCK, BLOCK_BYTES // example_bytes))
        self.gradient = Parameters.empty(sizes, self.dtype)
        self.scratch = np.empty(parameters.weight_count, self.dtype)
        self.x = np.empty((self.block, self.batch, sizes[0]), self.dtype)
        self.y = np.empty((self.block, self.batch, sizes[-1]), self.dtype)
        self.z = np.empty((self.block, self.batch, sizes[-1]), self.dtype)
        self.masks: list[Array | None] = [None] * (len(sizes) - 1)
        self._traces: dict[int, Trace] = {}
        self._ones = np.ones(self.batch, self.dtype)

    def gather(self, x: Array, y: Array, order: Array) -> int:
        """Copy the examples that `order` names into the block; returns the number of mini-batches.

        Args:
            x: all inputs (n, n_0). y: all targets, one-hot (n, n_L).
            order: the rows of x for the coming mini-batches, at most a block of them.
        """
        k = len(order)
        # mode="clip" writes straight into `out`; the default would go through a buffer
        np.take(x, order, axis=0, out=self.x.reshape(-1, self.sizes[0])[:k], mode="clip")
        np.take(y, order, axis=0, out=self.y.reshape(-1, self.sizes[-1])[:k], mode="clip")
        return -(-k // self.batch)

    def draw_masks(self, config: RunConfig, first_step: int, count: int) -> None:
        """The masks of the block's mini-batches, ready to multiply with: steps first_step and on."""
        for layer in range(len(self.sizes) - 1):
            p = drop_probability(config, layer)
            if not p:
                self.masks[layer] = None
                continue
            kept = mask_rows(config, layer, first_step, count, self.sizes[layer])
            mask = kept.astype(self.dtype)
            if config.dropout_scaling == "inverted":
                mask /= 1 - p
            self.masks[layer] = mask
        if self.masks[0] is not None:
            self.x[:count] *= self.masks[0]

    def forget_masks(self) -> None:
        """Before a change of the drop probability: a layer may need a mask that had none."""
        self._traces.clear()

    def update(self, i: int, batch: int, learning_rate: float, penalty: Penalty | None, max_norm: float | None) -> None:
        """One update from the block's i-th mini-batch of `batch` examples.

        w ← (the penalty's step at the old w) − (η/m) Σ ∂Cx/∂w, and b ← b − (η/m) Σ ∂Cx/∂b.
        """
        trace = self._trace(batch)
        trace.x = self.x[i, :batch]
        trace.z = self.z[i, :batch]
        for layer in range(len(trace.masks)):
            mask = self.masks[layer + 1]
            trace.masks[layer] = None if mask is None else mask[i, :batch]
        forward(self.architecture, self.parameters, trace)
        backward(
            self.architecture,
            self.parameters,
            trace,
            self.y[i, :batch],
            self.gradient,
            self._ones[:batch],
            scale=-learning_rate / batch,
        )
        w = self.parameters.flat_weights
        if penalty is not None:
            penalty.before(w, learning_rate, self.scratch)
        self.parameters.flat += self.gradient.flat
        if penalty is not None:
            penalty.after(w, learning_rate, self.scratch)
        if max_norm is not None:
            bound_norms(self.parameters.weights[:-1], max_norm)

    def costs(self, first: int, last: int, batch: int) -> Array:
        """The mean data cost of the block's mini-batches first … last − 1, each `batch` long.

        They are what the thinned network made of them before its update ("with dropout").
        """
        z, y = self.z[first:last, :batch], self.y[first:last, :batch]
        return self.architecture.cost.values(z, y).mean(axis=-1)

    def _trace(self, batch: int) -> Trace:
        if batch not in self._traces:  # two at the most: the usual length and a short last one
            dropout = any(mask is not None for mask in self.masks[1:])
            self._traces[batch] = Trace.empty(self.sizes, batch, self.dtype, dropout)
        return self._traces[batch]
