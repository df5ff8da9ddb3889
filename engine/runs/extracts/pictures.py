"""The incoming weights of first-layer neurons as pictures, if the inputs are images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.runs.extracts.run_state import RunState

MAX_PIXELS = 16_000  # of all pictures together: twenty neurons of MNIST, twenty kilobytes
MAX_NEURONS = 32  # however small the images
ZERO_LEVEL = 127  # the pixel value of a weight of 0


@dataclass(frozen=True)
class Pictures:
    """Incoming weights of some neurons of the first hidden layer.

    Attributes:
        step: the update they were taken after.
        neurons: their indices (k,). of: how many the layer has.
        tiles: uint8 (k, height, width): 127 for a weight of 0, 0 for −limit and below, 254 for limit and above.
        limit: the size of a weight in full colour: 99.5 % of the drawn weights are smaller; the largest
            weight if nearly all are 0.
    """

    step: int
    neurons: Array
    of: int
    tiles: Array
    limit: float


def pictures_of(run_state: RunState) -> Pictures | None:
    """Return the pictures; None if the inputs are not images, and without a hidden layer."""
    shape = run_state.data.dataset.image_shape
    if shape is None or not run_state.initial_config.hidden:
        return None
    W = run_state.parameters.weights[0]
    count = max(1, min(MAX_NEURONS, W.shape[1], MAX_PIXELS // W.shape[0]))
    neurons = np.linspace(0, W.shape[1] - 1, count).round().astype(np.intp)
    incoming = W[:, neurons].T
    sizes = np.abs(incoming)
    limit = float(np.quantile(sizes, 0.995)) or float(sizes.max()) or 1.0  # with L1 nearly all may be 0
    levels = np.rint(ZERO_LEVEL + ZERO_LEVEL * np.clip(incoming / limit, -1, 1)).astype(np.uint8)
    return Pictures(run_state.step, neurons, W.shape[1], levels.reshape(count, *shape), limit)
