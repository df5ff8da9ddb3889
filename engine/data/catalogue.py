"""The data sets there are, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from engine.data import mnist_family
from engine.data.dataset import Dataset, Labelled
from engine.data.folders import data_folder
from engine.errors import FieldError
from engine.randomness import Stream, generator

DIGITS_VALIDATION = 500  # of 1,797: the other 1,297 are the pool to train from


def load_dataset(name: str) -> Dataset:
    """The data set of that name; loaded once a process.

    Raises:
        FieldError: for a name that is not in `dataset_names()`, or files that are missing or damaged.
    """
    if not isinstance(name, str) or name not in _LOADERS:
        raise FieldError("dataset", f"must be one of {', '.join(_LOADERS)}, got {name!r}")
    return _load(name, data_folder())


def dataset_names() -> list[str]:
    """The names that `load_dataset` knows."""
    return list(_LOADERS)


@lru_cache(maxsize=4)
def _load(name: str, folder: Path) -> Dataset:
    return _LOADERS[name](folder)


def _digits(folder: Path) -> Dataset:
    """1,797 handwritten digits, 8 × 8, pixels 0 … 16; see digits.md for where they come from."""
    with files("engine.data").joinpath("digits.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
        x = (stored["images"].reshape(-1, 64) / 16).astype(np.float32)
        labels = stored["labels"].astype(np.int64)
    # The file goes writer by writer; without mixing, validation would judge other hands than it was taught.
    # The mix is the same for every seed: a seed changes the run, not the examples.
    mixed = generator(0, Stream.SPLIT).permutation(len(x))
    x, labels = x[mixed], labels[mixed]
    pool = len(x) - DIGITS_VALIDATION
    return Dataset(
        name="digits",
        title="Handwritten digits, 8 × 8",
        training=Labelled(x[:pool], labels[:pool]),
        validation=Labelled(x[pool:], labels[pool:]),
        test=None,
        classes=10,
        image_shape=(8, 8),
    )


_LOADERS: dict[str, Callable[[Path], Dataset]] = {"digits": _digits, **mnist_family.LOADERS}
