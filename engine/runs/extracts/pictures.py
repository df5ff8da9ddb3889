"""The incoming weights of first-layer neurons as pictures, if the inputs are images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.runs.extracts.run_state import RunState

MAX_PIXELS = 16_000  # of all pictures together; twenty neurons of MNIST, twenty kilobytes
MAX_NEURONS = 32  # also for small images
ZERO_LEVEL = 127  # the pixel value of a weight of 0


@dataclass(frozen=True)
class WeightPictures:
    """Incoming weights of some neurons of the first hidden layer.

    Attributes:
        step: updates done.
        neurons: indices of the neurons (k,). layer_width: the number of neurons in the layer.
        images: the weights, uint8 (k, height, width): 127 for a weight of 0, 0 for −limit and below, 254 for limit
            and above.
        limit: the weight with the full colour: the 99.5 % quantile of the absolute weights, or the largest one if
            the quantile is 0.
    """

    step: int
    neurons: Array
    layer_width: int
    images: Array
    limit: float


def pictures_of(run_state: RunState) -> WeightPictures | None:
    """Return the pictures; None if the inputs are not images or there is no hidden layer."""
    shape = run_state.data.dataset.image_shape
    if shape is None or not run_state.initial_config.hidden:
        return None
    W = run_state.parameters.weights[0]
    neuron_count = max(1, min(MAX_NEURONS, W.shape[1], MAX_PIXELS // W.shape[0]))
    neurons = np.linspace(0, W.shape[1] - 1, neuron_count).round().astype(np.intp)
    incoming = W[:, neurons].T
    magnitudes = np.abs(incoming)
    # the quantile is 0 if nearly all weights are exactly 0
    limit = float(np.quantile(magnitudes, 0.995)) or float(magnitudes.max()) or 1.0
    levels = np.rint(ZERO_LEVEL + ZERO_LEVEL * np.clip(incoming / limit, -1, 1)).astype(np.uint8)
    return WeightPictures(run_state.step, neurons, W.shape[1], levels.reshape(neuron_count, *shape), limit)
