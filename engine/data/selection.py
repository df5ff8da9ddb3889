"""A run's share of a data set: how many examples, which labels corrupted, and who judges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import Array
from engine.config import RunConfig, check_against_data
from engine.data.dataset import Dataset, Labelled
from engine.data.expansion import SHIFTS, expanded
from engine.errors import FieldError, check_type
from engine.randomness import Stream, generator


@dataclass(frozen=True)
class RunData:
    """What one run trains and is judged on.

    Attributes:
        x: the training inputs (n, features), of the run's dtype.
        y: their targets, one-hot (n, classes), of the run's dtype; corrupted labels included.
        labels: the labels behind y, (n,).
        corrupted: True where a label was replaced, (n,).
        judge: the examples the run is judged on, and what they are called.
    """

    dataset: Dataset
    x: Array
    y: Array
    labels: Array
    corrupted: Array
    judge: Labelled
    judge_name: str

    @property
    def n(self) -> int:
        return len(self.labels)


def select(config: RunConfig, dataset: Dataset) -> RunData:
    """The run's data: the first `train_size` training examples, `label_noise` of their labels wrong.

    With `expand` the shifted images follow them, and n is five times as large.

    Raises:
        FieldError: when the data set has fewer examples or no test part, and for what
            `check_against_data` refuses.
    """
    check_type("config", config, RunConfig)
    check_type("dataset", dataset, Dataset)
    pool = len(dataset.training)
    n = pool if config.train_size is None else config.train_size
    if n > pool:
        raise FieldError("train_size", f"must be at most {pool}, all of {dataset.name}, got {n}: take fewer examples")
    if config.expand and dataset.image_shape is None:
        raise FieldError("expand", f"must be False for {dataset.name}: only images can be shifted by a pixel")
    check_against_data(config, n * (1 + len(SHIFTS)) if config.expand else n)
    judge = dataset.test if config.evaluate_on == "test" else dataset.validation
    if judge is None:
        raise FieldError("evaluate_on", f"must be validation, got test: {dataset.name} has no separate test part")
    labels, corrupted = corrupt(dataset.training.labels[:n], dataset.classes, config.label_noise, config.seed)
    x = dataset.training.x[:n]
    if config.expand and dataset.image_shape is not None:  # after corruption: a shifted image keeps its label
        x = expanded(x, dataset.image_shape)
        labels, corrupted = np.tile(labels, 1 + len(SHIFTS)), np.tile(corrupted, 1 + len(SHIFTS))
    dtype = np.dtype(config.dtype)
    return RunData(
        dataset=dataset,
        x=x.astype(dtype, copy=False),
        y=one_hot(labels, dataset.classes, dtype),
        labels=labels,
        corrupted=corrupted,
        judge=Labelled(judge.x.astype(dtype, copy=False), judge.labels),
        judge_name=config.evaluate_on,
    )


def corrupt(labels: Array, classes: int, share: float, seed: int) -> tuple[Array, Array]:
    """Replace exactly round(share · n) labels by another class, each other class equally likely.

    Returns:
        the labels (n,), and True where one was replaced (n,).
    """
    n = len(labels)
    rng = generator(seed, Stream.LABELS)
    order = rng.permutation(n)  # a larger share corrupts the same labels and more
    shift = rng.integers(1, classes, size=n) if classes > 1 else np.zeros(n, np.int64)
    corrupted = np.zeros(n, dtype=bool)
    if classes > 1:
        corrupted[order[: round(share * n)]] = True
    return np.where(corrupted, (labels + shift) % classes, labels), corrupted


def one_hot(labels: Array, classes: int, dtype: np.dtype) -> Array:
    """(n,) labels as (n, classes): 1 in the label's column, 0 elsewhere."""
    y = np.zeros((len(labels), classes), dtype=dtype)
    y[np.arange(len(labels)), labels] = 1
    return y
