"""Images side by side in one array, for one heatmap."""

from __future__ import annotations

import numpy as np

GAP = 1  # pixels between two images


def columns_for(count: int, height: int, width: int, aspect_ratio: float = 1.5) -> int:
    """Return the number of images per row with which the images are largest on the chart.

    Of several such numbers, the one with the fewest empty places is returned, because empty places are sent too.

    Args:
        count: the number of images.
        height, width: the size of an image, in pixels.
        aspect_ratio: the width of the chart divided by its height.
    """

    def size(columns: int) -> tuple[float, int]:
        rows = -(-count // columns)
        return min(aspect_ratio / (columns * (width + GAP)), 1 / (rows * (height + GAP))), -rows * columns

    return max(range(1, count + 1), key=size)


def mosaic(tiles: np.ndarray, columns: int, background: int) -> np.ndarray:
    """Return all images in one array.

    Args:
        tiles: the images (k, height, width).
        columns: the number of images per row.
        background: the value of the pixels between the images.

    Returns:
        (rows · (height + GAP), columns · (width + GAP)), with the first image at the top left.
    """
    count, height, width = tiles.shape
    rows = -(-count // columns)
    image = np.full((rows * (height + GAP), columns * (width + GAP)), background, tiles.dtype)
    for i, tile in enumerate(tiles):
        top, left = (i // columns) * (height + GAP), (i % columns) * (width + GAP)
        image[top : top + height, left : left + width] = tile
    return image
