"""The data sets there are, by name, and the folder where the larger ones lie."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from engine.data.dataset import Dataset, Labelled
from engine.data.idx import read_idx
from engine.errors import FieldError
from engine.randomness import Stream, generator

DIGITS_VALIDATION = 500  # of 1,797: the other 1,297 are the pool to train from
MNIST_TRAINING = 50_000  # of 60,000, as in the book; the other 10,000 validate


def data_folder() -> Path:
    """Where downloaded data sets lie: $REGSCOPE_DATA, or the platform's folder for user data."""
    if named := os.environ.get("REGSCOPE_DATA"):
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "regscope"


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


def _mnist(folder: Path) -> Dataset:
    """MNIST from its four IDX files, in file order; pixels are byte/256, as in the book's copy."""

    def read(name: str) -> np.ndarray:
        for path in (folder / "mnist" / name, folder / "mnist" / f"{name}.gz"):
            if path.is_file():
                return read_idx(path)
        raise FieldError(
            "dataset",
            f"mnist needs the file {name} (or {name}.gz) in {folder / 'mnist'}: "
            "put the four IDX files of MNIST there, or set REGSCOPE_DATA to the folder that holds them",
        )

    def labelled(images: str, labels: str) -> Labelled:
        pixels = read(images)
        x = pixels.reshape(len(pixels), -1).astype(np.float32) / np.float32(256)
        return Labelled(x, read(labels).astype(np.int64))

    training = labelled("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
    return Dataset(
        name="mnist",
        title="MNIST, 28 × 28",
        training=Labelled(training.x[:MNIST_TRAINING], training.labels[:MNIST_TRAINING]),
        validation=Labelled(training.x[MNIST_TRAINING:], training.labels[MNIST_TRAINING:]),
        test=labelled("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
        classes=10,
        image_shape=(28, 28),
    )


_LOADERS: dict[str, Callable[[Path], Dataset]] = {"digits": _digits, "mnist": _mnist}
