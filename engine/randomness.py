"""Streams of random numbers: one seed, one stream for each purpose.

Two runs should differ for one reason only. Initial parameters, order of examples, dropout masks,
corrupted labels, a generated set's points and the noise on pixels therefore draw from streams of
their own: turning dropout on changes neither the initial weights nor the order in which the
examples come.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What a stream is for. The numbers are part of what a seed means: never renumber them."""

    PARAMETERS = 1
    ORDER = 2
    MASKS = 3
    LABELS = 4
    SPLIT = 5
    PLANE = 6
    PIXELS = 7
    DESTRUCTION = 8


def generator(seed: int, stream: Stream, *index: int) -> np.random.Generator:
    """A fresh generator for one purpose; `index` names the part, as an epoch or (layer, block).

    It is a pure function of its arguments, so that any part can be drawn again later without the
    parts before it: the order of epoch 17 does not need those of epochs 1 to 16.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(int(stream), *index))
    return np.random.Generator(np.random.PCG64(sequence))


def order_of_examples(seed: int, epoch: int, n: int) -> np.ndarray:
    """The permutation of 0 … n − 1 in which epoch `epoch` (from 1) takes the examples."""
    return generator(seed, Stream.ORDER, epoch).permutation(n)
