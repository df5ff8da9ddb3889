"""The data sets there are, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from engine.config import RunConfig
from engine.data import mnist_family
from engine.data.dataset import Dataset, Labelled
from engine.data.folders import data_folder
from engine.data.own import is_own, load_own, own_path
from engine.data.planar import PLANAR, planar
from engine.errors import FieldError, check_type
from engine.randomness import Stream, generator

DIGITS_VALIDATION = 500  # of 1,797: the other 1,297 are the pool to train from


def load_dataset(name: str) -> Dataset:
    """The data set of that name, one of `dataset_names()` or somebody's own; loaded once a process.

    Raises:
        FieldError: for a name that is neither, a set that is drawn from a run's seed, or files that
            are missing or damaged.
    """
    if is_own(name):
        return _load_own(name, own_path(name))
    if not isinstance(name, str) or name not in _LOADERS:
        if name in PLANAR:
            raise FieldError(
                "dataset", f"must be a fixed set, got {name}: it is drawn from a run's seed, take dataset_of"
            )
        known = ", ".join([*_LOADERS, *PLANAR])
        raise FieldError("dataset", f"must be one of {known} or own:… for one of your own, got {name!r:.60}")
    return _load(name, data_folder())


def dataset_of(config: RunConfig) -> Dataset:
    """A run's data set: a fixed one, one drawn from the run's seed, or somebody's own.

    Raises:
        FieldError: as `load_dataset`.
    """
    check_type("config", config, RunConfig)
    if config.dataset in PLANAR:
        classes = config.blob_classes if config.dataset == "blobs" else 2
        return planar(config.dataset, config.data_noise, classes, config.seed)
    return load_dataset(config.dataset)


def dataset_names() -> list[str]:
    """The fixed sets. `PLANAR` are the generated ones, `own_datasets()` lists people's own."""
    return list(_LOADERS)


@lru_cache(maxsize=4)
def _load(name: str, folder: Path) -> Dataset:
    return _LOADERS[name](folder)


@lru_cache(maxsize=4)
def _load_own(name: str, path: Path) -> Dataset:
    return load_own(name, path)


def _digits(folder: Path) -> Dataset:
    """1,797 handwritten digits, 8 × 8, pixels 0 … 16; see digits.md for where they come from."""
    with (
        files("engine.data.bundled").joinpath("digits.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
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
