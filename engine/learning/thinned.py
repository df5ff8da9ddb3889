"""The thinned network as a smaller network that is cut out, trained and put back.

With one mask for the whole mini-batch the weights of a dropped neuron need not be multiplied, as in the chapter:
delete half the hidden neurons, train the remaining network on a mini-batch, restore the deleted neurons. In wide
layers this makes dropout faster than no dropout. In narrow layers cutting out takes longer than it saves, so masks are
used. Both give the same numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy import ndarray as Array

from engine.learning.network import Parameters

if TYPE_CHECKING:
    from engine.config import RunConfig

# Multiply-adds that cutting out must save for each moved weight, and for each mini-batch with its views and calls.
# Measured in docs/decisions/0005-cut-out-thinned-networks.md.
COST_PER_WEIGHT = 130
COST_PER_MINI_BATCH = 5e6


def is_thinning_faster(config: RunConfig, sizes: Sequence[int]) -> bool:
    """Return True if cutting out saves more multiply-adds than moving the weights costs.

    It needs one mask for each mini-batch: with one for each example every weight is used by some example.
    """
    p = config.drop_probability
    if not p or config.dropout_mask != "mini-batch" or len(sizes) < 3:
        return False
    saved_operations = moved_weights = 0.0
    for layer, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        kept_weights = (1 - p if layer else 1.0) * (1 - p if layer < len(sizes) - 2 else 1.0) * n_in * n_out
        products_per_layer = (
            3 if layer else 2
        )  # forward, the step and, except for the inputs, the error of the layer below
        saved_operations += products_per_layer * config.mini_batch_size * (n_in * n_out - kept_weights)
        moved_weights += kept_weights
    return saved_operations > COST_PER_WEIGHT * moved_weights + COST_PER_MINI_BATCH


class ThinnedNetwork:
    """The thinned network of each mini-batch, in buffers that are allocated once.

    Args:
        full_parameters: the network's parameters, which `put_back` writes to.
        config: the config with the drop probability.

    Attributes:
        kept_scale: 1 / (1 − p), the factor of inverted scaling on kept neurons, as (1, 1).
    """

    def __init__(self, full_parameters: Parameters, config: RunConfig) -> None:
        self.full_parameters = full_parameters
        self.kept_scale = np.full((1, 1), 1 / (1 - config.drop_probability), full_parameters.flat.dtype)
        self._buffer = np.empty_like(full_parameters.flat)
        self._row_buffer = np.empty(
            max((W.size for W in full_parameters.weights[1:]), default=0), full_parameters.flat.dtype
        )
        self._kept_neurons: Sequence[Array] = ()
        self._thinned: Parameters | None = None

    def cut_out(self, kept_neurons: Sequence[Array]) -> Parameters:
        """Return a copy of the thinned network.

        Args:
            kept_neurons: the indices of the kept neurons of each hidden layer.
        """
        sizes = (
            self.full_parameters.sizes[0],
            *(len(indices) for indices in kept_neurons),
            self.full_parameters.sizes[-1],
        )
        if self._thinned is None or self._thinned.sizes != sizes:
            self._thinned = Parameters(sizes, self._buffer[: Parameters.length(sizes)])
        self._kept_neurons = kept_neurons
        for layer, (W, thinned_W) in enumerate(zip(self.full_parameters.weights, self._thinned.weights, strict=True)):
            if layer:
                W = self._gather_rows(W, kept_neurons[layer - 1], thinned_W if layer == len(kept_neurons) else None)
            if layer < len(kept_neurons):
                np.take(W, kept_neurons[layer], axis=1, out=thinned_W, mode="clip")
                np.take(
                    self.full_parameters.biases[layer],
                    kept_neurons[layer],
                    out=self._thinned.biases[layer],
                    mode="clip",
                )
        np.copyto(self._thinned.biases[-1], self.full_parameters.biases[-1])
        return self._thinned

    def put_back(self) -> None:
        """Write the thinned network's parameters back to the full network."""
        assert self._thinned is not None
        kept_neurons = self._kept_neurons
        for layer, (W, thinned_part) in enumerate(
            zip(self.full_parameters.weights, self._thinned.weights, strict=True)
        ):
            if layer == len(kept_neurons):
                W[kept_neurons[-1]] = thinned_part
            elif layer:  # rows are contiguous: writing columns of gathered rows is faster
                rows = self._gather_rows(W, kept_neurons[layer - 1])
                rows[:, kept_neurons[layer]] = thinned_part
                W[kept_neurons[layer - 1]] = rows
            else:
                W[:, kept_neurons[0]] = thinned_part
        for b, indices, thinned_part in zip(
            self.full_parameters.biases, kept_neurons, self._thinned.biases, strict=False
        ):
            b[indices] = thinned_part
        np.copyto(self.full_parameters.biases[-1], self._thinned.biases[-1])

    def _gather_rows(self, W: Array, indices: Array, out: Array | None = None) -> Array:
        if out is None:
            out = self._row_buffer[: len(indices) * W.shape[1]].reshape(len(indices), W.shape[1])
        return np.take(W, indices, axis=0, out=out, mode="clip")
