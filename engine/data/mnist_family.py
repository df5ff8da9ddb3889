"""MNIST and the data sets of its format: four IDX files, 60,000 + 10,000 images of 28 × 28, ten classes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy import ndarray as Array

from engine.data.dataset import Dataset, FixedSet, Labelled
from engine.data.download.sources import SOURCES, Source
from engine.data.files.prepared import load_shared
from engine.data.readers.idx import read_idx
from engine.errors import FieldError

MNIST_TRAINING = 50_000  # of 60,000, as in the book; the other 10,000 validate

ARRAY_LAYOUT = {
    "training-x": ("float32", 2),
    "training-labels": ("int64", 1),
    "test-x": ("float32", 2),
    "test-labels": ("int64", 1),
}


def load(source: Source, folder: Path) -> Dataset:
    """Return a data set of the family, in file order; pixels are byte/256, as in the book's copy of MNIST.

    All processes that load it share its arrays: see `engine.data.files.prepared`.

    Args:
        source: the data set. folder: the data folder; the files are in its folder with the name of the source.

    Raises:
        FieldError: for files that are missing or damaged.
    """
    paths = [_existing_path(source, folder, file.possible_paths(folder / source.name)) for file in source.files]
    return _dataset(source, load_shared(source.name, paths, ARRAY_LAYOUT, lambda: _read_arrays(source, paths)))


def _existing_path(source: Source, folder: Path, possible_paths: list[Path]) -> Path:
    for path in possible_paths:
        if path.is_file():
            return path
    plain, gzipped = possible_paths
    raise FieldError(
        "dataset",
        f"{source.name} needs the file {plain.name} (or {gzipped.name}) in {plain.parent}: download it with "
        f"`regscope data fetch {source.name}` or on the page, put the four IDX files there yourself, or set "
        "REGSCOPE_DATA to the folder that contains them",
    )


def _read_arrays(source: Source, paths: list[Path]) -> Mapping[str, Array]:
    """Return the four arrays of the four files, checked."""
    arrays = {}
    for part, images, labels in (("training", paths[0], paths[1]), ("test", paths[2], paths[3])):
        pixels = read_idx(images)
        x = pixels.reshape(len(pixels), -1).astype(np.float32)
        x /= np.float32(256)
        arrays[f"{part}-x"] = x
        arrays[f"{part}-labels"] = read_idx(labels).astype(np.int64)
    _dataset(source, arrays)
    return arrays


def _dataset(source: Source, arrays: Mapping[str, Array]) -> Dataset:
    x, labels = arrays["training-x"], arrays["training-labels"]
    return Dataset(
        name=source.name,
        title=source.title,
        training=Labelled(x[:MNIST_TRAINING], labels[:MNIST_TRAINING]),
        validation=Labelled(x[MNIST_TRAINING:], labels[MNIST_TRAINING:]),
        test=Labelled(arrays["test-x"], arrays["test-labels"]),
        classes=10,
        image_shape=(28, 28),
    )


SETS = {name: FixedSet(source.title, partial(load, source)) for name, source in SOURCES.items()}
