"""Pictures side by side in one chart: one array travels, and no picture is an element of the page."""

from __future__ import annotations

import numpy as np

GAP = 1  # pixels between two pictures


def columns_for(count: int, height: int, width: int, ratio: float = 2.0) -> int:
    """How many pictures to a row, so that they are as large as a chart `ratio` times as wide as high lets them be.

    Of equals the one with the fewest empty places: they are sent too.
    """

    def size(columns: int) -> tuple[float, int]:
        rows = -(-count // columns)
        return min(ratio / (columns * (width + GAP)), 1 / (rows * (height + GAP))), -rows * columns

    return max(range(1, count + 1), key=size)


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
