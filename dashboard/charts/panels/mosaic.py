"""Pictures side by side in one array, for one heatmap."""

from __future__ import annotations

import numpy as np

GAP = 1  # pixels between two pictures


def columns_for(count: int, height: int, width: int, ratio: float = 2.0) -> int:
    """Return the number of pictures in a row that makes them largest.

    Among equals it is the one with the fewest empty places, as these are sent too.

    Args:
        count: number of pictures.
        height, width: of a picture, in pixels.
        ratio: width of the chart over its height.
    """

    def size(columns: int) -> tuple[float, int]:
        rows = -(-count // columns)
        return min(ratio / (columns * (width + GAP)), 1 / (rows * (height + GAP))), -rows * columns

    return max(range(1, count + 1), key=size)


def mosaic(tiles: np.ndarray, columns: int, ground: int) -> np.ndarray:
    """Return all pictures in one array.

    Args:
        tiles: (k, height, width).
        columns: pictures in a row.
        ground: value of the pixels between them.

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
