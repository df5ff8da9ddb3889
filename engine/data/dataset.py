"""What a data set is: labelled examples for training, for validation and, where there are, for test."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy import ndarray as Array

from engine.errors import FieldError

CHECKED = 1 << 16  # features looked at together: what the check makes on the way is small, however large the data


@dataclass(frozen=True)
class Labelled:
    """Examples with labels.

    Attributes:
        x: float32 (n, features).
        labels: whole numbers 0 … classes − 1, shape (n,).
    """

    x: Array
    labels: Array

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """A named data set, in the order of its file.

    Attributes:
        training: the pool a run takes its training examples from, the first ones first.
        validation: the judge of hyperparameters.
        test: the judge of last resort; None where the source has no separate one.
        classes: the number of classes.
        image_shape: (height, width) where the features are an image's pixels, else None.
        standardize: whether a run scales each feature by the training examples that it uses.
        class_names: what the classes are called; their numbers where nothing is given.
        feature_names: what the features are called; empty where they have no names, as pixels.
    """

    name: str
    title: str
    training: Labelled
    validation: Labelled
    test: Labelled | None
    classes: int
    image_shape: tuple[int, int] | None = None
    standardize: bool = False
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.class_names:
            object.__setattr__(self, "class_names", tuple(str(k) for k in range(self.classes)))
        for part, labelled in (("training", self.training), ("validation", self.validation), ("test", self.test)):
            if labelled is not None:
                _check(f"{part} of {self.name}", labelled, self.training, self.classes)
        if self.image_shape is not None and math.prod(self.image_shape) != self.features:
            raise FieldError(
                f"image_shape of {self.name}",
                f"must multiply to the {self.features} features, got {self.image_shape}: give the images' true size",
            )
        for field, names, count in (
            ("class_names", self.class_names, self.classes),
            ("feature_names", self.feature_names or ("",) * self.features, self.features),
        ):
            if len(names) != count:
                raise FieldError(f"{field} of {self.name}", f"must be {count}, got {len(names)}: give each its name")

    @property
    def features(self) -> int:
        return int(self.training.x.shape[1])


@dataclass(frozen=True)
class FixedSet:
    """The table entry of a data set that is the same for every run.

    Attributes:
        title: its name for people, also of the `Dataset` that `load` returns.
        load: reads it; its argument is the data folder. Raises `FieldError` for missing or damaged files.
    """

    title: str
    load: Callable[[Path], Dataset]


def _check(field: str, part: Labelled, training: Labelled, classes: int) -> None:
    """Refuse what training could only turn into nonsense.

    Raises:
        FieldError: for wrong shapes, no examples, features that are no numbers, NaN, infinite or
            too large for float32, and labels out of range.
    """
    x, labels = part.x, part.labels
    if x.ndim != 2 or labels.shape != (x.shape[0],):
        raise FieldError(field, f"must be x (n, features) with n labels, got {x.shape} and {labels.shape}")
    if not len(part):
        raise FieldError(field, "must have examples, got none: add rows or choose another data set")
    if x.shape[1] != training.x.shape[1]:
        raise FieldError(field, f"must have {training.x.shape[1]} features like the training part, got {x.shape[1]}")
    if not x.shape[1]:
        raise FieldError(field, "must have features, got none: there is nothing to tell the examples apart by")
    if x.dtype.kind not in "fiub":
        raise FieldError(field, f"must have numbers for features, got {x.dtype}: turn each column into numbers")
    if not np.issubdtype(labels.dtype, np.integer):
        raise FieldError(field, f"must have whole numbers for labels, got {labels.dtype}: number the classes from 0")
    rows = max(1, CHECKED // x.shape[1])
    for first in range(0, len(x), rows):
        values = x[first : first + rows]
        with np.errstate(over="ignore"):
            finite = np.isfinite(values.astype(np.float32, copy=False))  # a run in float32 must be able to hold it
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            raise FieldError(
                field,
                f"must be finite, got {values[row, column]} in row {first + row}, feature {column}: "
                "fill it or leave it out",
            )
    if labels.min() < 0 or labels.max() >= classes:
        worst = labels.min() if labels.min() < 0 else labels.max()
        raise FieldError(field, f"must have labels from 0 to {classes - 1}, got {worst}: number the classes from 0")
