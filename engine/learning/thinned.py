"""The thinned network as the smaller network it is: cut out, trained, put back.

With one mask for the whole mini-batch a dropped neuron takes part in nothing, so its weights need
not be multiplied at all. The chapter says it so: delete half the hidden neurons, train the network
that is left on a mini-batch, restore the deleted ones. In wide layers this is what makes dropout
faster than no dropout; in narrow ones cutting out takes longer than it saves, and masks multiply.
Both give the same numbers.
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

# A weight that moves out and back must save so many multiply-adds, and a mini-batch so many more for
# its views and calls: measured in docs/decisions/0005-cut-out-thinned-networks.md.
PAYS = 130
FIXED = 5e6


def thinning_pays(config: RunConfig, sizes: Sequence[int]) -> bool:
    """Whether to cut thinned networks out: the multiply-adds saved against the weights moved.

    Only with one mask a mini-batch: with one for each example every weight serves some example.
    """
    p = config.drop_probability
    if not p or config.dropout_mask != "mini-batch" or len(sizes) < 3:
        return False
    saved = moved = 0.0
    for layer, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        kept = (1 - p if layer else 1.0) * (1 - p if layer < len(sizes) - 2 else 1.0) * n_in * n_out
        products = 3 if layer else 2  # forward, the step and, but for the inputs, the error of the layer below
        saved += products * config.mini_batch_size * (n_in * n_out - kept)
        moved += kept
    return saved > PAYS * moved + FIXED


class ThinnedNetwork:
    """The kept part of a network, mini-batch after mini-batch, in room that is made once.

    Args:
        whole: the network's parameters, which `put_back` writes to.
        config: for the drop probability.

    Attributes:
        boost: 1 / (1 − p), what inverted scaling multiplies the kept neurons with, as (1, 1).
    """

    def __init__(self, whole: Parameters, config: RunConfig) -> None:
        self.whole = whole
        self.boost = np.full((1, 1), 1 / (1 - config.drop_probability), whole.flat.dtype)
        self._room = np.empty_like(whole.flat)
        self._rows = np.empty(max((W.size for W in whole.weights[1:]), default=0), whole.flat.dtype)
        self._kept: Sequence[Array] = ()
        self._small: Parameters | None = None

    def cut_out(self, kept: Sequence[Array]) -> Parameters:
        """The network of the kept neurons alone, copied from the whole one.

        Args:
            kept: the numbers of each hidden layer's kept neurons.
        """
        sizes = (self.whole.sizes[0], *(len(numbers) for numbers in kept), self.whole.sizes[-1])
        if self._small is None or self._small.sizes != sizes:
            self._small = Parameters(sizes, self._room[: Parameters.length(sizes)])
        self._kept = kept
        for layer, (W, small) in enumerate(zip(self.whole.weights, self._small.weights, strict=True)):
            if layer:
                W = self._rows_of(W, kept[layer - 1], small if layer == len(kept) else None)
            if layer < len(kept):
                np.take(W, kept[layer], axis=1, out=small, mode="clip")
                np.take(self.whole.biases[layer], kept[layer], out=self._small.biases[layer], mode="clip")
        np.copyto(self._small.biases[-1], self.whole.biases[-1])
        return self._small

    def put_back(self) -> None:
        """Write the small network's parameters to where they came from; all others stay as they are."""
        assert self._small is not None
        kept = self._kept
        for layer, (W, small) in enumerate(zip(self.whole.weights, self._small.weights, strict=True)):
            if layer == len(kept):
                W[kept[-1]] = small
            elif layer:  # rows move as they lie in memory: columns within gathered rows are the shorter way
                rows = self._rows_of(W, kept[layer - 1])
                rows[:, kept[layer]] = small
                W[kept[layer - 1]] = rows
            else:
                W[:, kept[0]] = small
        for b, numbers, small in zip(self.whole.biases, kept, self._small.biases, strict=False):
            b[numbers] = small
        np.copyto(self.whole.biases[-1], self._small.biases[-1])

    def _rows_of(self, W: Array, numbers: Array, out: Array | None = None) -> Array:
        if out is None:
            out = self._rows[: len(numbers) * W.shape[1]].reshape(len(numbers), W.shape[1])
        return np.take(W, numbers, axis=0, out=out, mode="clip")
