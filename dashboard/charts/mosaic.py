"""Pictures side by side in one chart: one array travels, and no picture is an element of the page."""

from __future__ import annotations

import math

import numpy as np

GAP = 1  # pixels between two pictures


def columns_for(count: int, height: int, width: int, ratio: float = 2.0) -> int:
    """How many pictures to a row, so that all of them fill a chart `ratio` times as wide as high."""
    return max(1, min(count, round(math.sqrt(ratio * count * (height + GAP) / (width + GAP)))))


def mosaic(tiles: np.ndarray, columns: int, ground: int) -> np.ndarray:
    """All pictures in one.

    Args:
        tiles: (k, height, width). columns: pictures to a row. ground: the level between them.

    Returns:
        (rows · (height + GAP), columns · (width + GAP)), the first picture at the top left.
    """
    count, height, width = tiles.shape
    rows = -(-count // columns)
    whole = np.full((rows * (height + GAP), columns * (width + GAP)), ground, tiles.dtype)
    for i, tile in enumerate(tiles):
        top, left = (i // columns) * (height + GAP), (i % columns) * (width + GAP)
        whole[top : top + height, left : left + width] = tile
    return whole
