"""Random number streams: one seed, one stream for each purpose.

Runs that differ in one setting should differ only through that setting. Initial parameters, order of examples, dropout
masks, corrupted labels, generated points and noise on pixels therefore have separate streams: dropout changes neither
the initial weights nor the order of the examples.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """The purpose of a stream. Changing a number changes the results of every seed."""

    PARAMETERS = 1
    ORDER = 2
    MASKS = 3
    LABELS = 4
    SPLIT = 5
    PLANAR_POINTS = 6
    PIXEL_NOISE = 7
    DESTROYED_NEURONS = 8


def generator(seed: int, stream: Stream, *part: int) -> np.random.Generator:
    """Return a new generator for a purpose and a part, such as an epoch or (layer, block).

    The stream depends only on the arguments, so a part can be drawn without the parts before it: the order of epoch 17
    does not need those of epochs 1 to 16.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(int(stream), *part))
    return np.random.Generator(np.random.PCG64(sequence))


def order_of_examples(seed: int, epoch: int, n: int) -> np.ndarray:
    """Return the order of n examples in an epoch (from 1)."""
    return generator(seed, Stream.ORDER, epoch).permutation(n)
