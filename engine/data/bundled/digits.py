"""The bundled digits; see digits.md for their source."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np

from engine.data.dataset import Dataset, FixedSet, Labelled
from engine.randomness import Stream, generator

VALIDATION_SIZE = 500  # of 1,797: a run can train on the other 1,297


def load(folder: Path) -> Dataset:
    """Return 1,797 handwritten digits of 8 × 8 pixels from 0 to 1; `folder` is not used."""
    with (
        files("engine.data.bundled").joinpath("digits.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        x = (stored["images"].reshape(-1, 64) / 16).astype(np.float32)
        labels = stored["labels"].astype(np.int64)
    # The file is ordered by writer: without shuffling, validation would have other writers than training.
    # The order is the same for every seed: a seed changes the run, not the data set.
    shuffled_rows = generator(0, Stream.SPLIT).permutation(len(x))
    x, labels = x[shuffled_rows], labels[shuffled_rows]
    training_size = len(x) - VALIDATION_SIZE
    return Dataset(
        name="digits",
        title=DIGITS.title,
        training=Labelled(x[:training_size], labels[:training_size]),
        validation=Labelled(x[training_size:], labels[training_size:]),
        test=None,
        classes=10,
        image_shape=(8, 8),
    )


DIGITS = FixedSet("Digits, 8 × 8", load)
