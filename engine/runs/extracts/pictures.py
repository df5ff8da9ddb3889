"""The first layer's neurons as pictures: what each weighs its inputs by, where the inputs are images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.runs.extracts.run_state import RunState

PIXELS = 16_000  # of all pictures together: twenty neurons of MNIST, in twenty kilobytes
MOST = 32  # neurons, however small the images
ZERO = 127  # the level of a weight of 0


@dataclass(frozen=True)
class Pictures:
    """Incoming weights of some neurons of the first hidden layer.

    Attributes:
        step: the update they were taken after.
        neurons: which ones (k,). of: how many there are.
        tiles: uint8 (k, height, width): 127 a weight of 0, 0 and 254 one of −limit and limit, or beyond.
        limit: the size of a weight that is drawn in full colour: 995 of 1,000 weights drawn are smaller,
            or all where nearly all are 0.
    """

    step: int
    neurons: Array
    of: int
    tiles: Array
    limit: float


def pictures_of(run_state: RunState) -> Pictures | None:
    """None where the inputs are no images, and without a hidden layer."""
    shape = run_state.data.dataset.image_shape
    if shape is None or not run_state.initial_config.hidden:
        return None
    W = run_state.parameters.weights[0]
    count = max(1, min(MOST, W.shape[1], PIXELS // W.shape[0]))
    neurons = np.linspace(0, W.shape[1] - 1, count).round().astype(np.intp)
    incoming = W[:, neurons].T
    sizes = np.abs(incoming)
    limit = float(np.quantile(sizes, 0.995)) or float(sizes.max()) or 1.0  # L1 may leave a few strokes and all else 0
    levels = np.rint(ZERO + ZERO * np.clip(incoming / limit, -1, 1)).astype(np.uint8)
    return Pictures(run_state.step, neurons, W.shape[1], levels.reshape(count, *shape), limit)
