"""Expansion of the training data: copies of every image, shifted by one pixel in four directions."""

from __future__ import annotations

import numpy as np
from numpy import ndarray as Array

SHIFTS = ((-1, 0), (1, 0), (0, -1), (0, 1))  # up, down, left, right


def with_shifted_copies(x: Array, shape: tuple[int, int]) -> Array:
    """Return the images followed by their four shifts; pixels that enter at the edge are 0.

    Args:
        x: (n, height · width). shape: (height, width).

    Returns:
        (5n, height · width): all images, then all shifted up, down, left and right.
    """
    images = x.reshape(-1, *shape)
    return np.concatenate([images, *(_shift_images(images, *shift) for shift in SHIFTS)]).reshape(-1, x.shape[1])


def _shift_images(images: Array, down: int, right: int) -> Array:
    height, width = images.shape[1:]
    shifted = np.zeros_like(images)
    shifted[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = images[
        :, max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return shifted
