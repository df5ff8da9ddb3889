"""A data set: labelled examples for training, for validation and, if the source has some, for test."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy import ndarray as Array

from engine.errors import FieldError

MAX_CHECKED_VALUES = 1 << 16  # values checked at once, so that temporary arrays stay small


@dataclass(frozen=True)
class Labelled:
    """Examples with labels.

    Attributes:
        x: float32 (n, features).
        labels: integers from 0 to classes − 1 (n,).
    """

    x: Array
    labels: Array

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """A named data set, in the order of its file.

    Attributes:
        title: its displayed name.
        training: the examples that a run may train on; it uses the first ones.
        validation: the examples for the choice of settings.
        test: the examples for the final evaluation; None if the source has no separate test set.
        classes: the number of classes.
        image_shape: (height, width) if the features are the pixels of an image, else None.
        standardize: whether a run standardizes each feature by its training examples.
        class_names: names of the classes; default their numbers.
        feature_names: names of the features; empty if they have none, such as pixels.
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
                _check_examples(f"{part} of {self.name}", labelled, self.training, self.classes)
        if self.image_shape is not None and math.prod(self.image_shape) != self.features:
            raise FieldError(
                f"image_shape of {self.name}",
                f"must have {self.features} pixels, got {self.image_shape}: give the size of the images",
            )
        for field, names, count in (
            ("class_names", self.class_names, self.classes),
            ("feature_names", self.feature_names or ("",) * self.features, self.features),
        ):
            if len(names) != count:
                raise FieldError(f"{field} of {self.name}", f"must have {count} names, got {len(names)}: name each one")

    @property
    def features(self) -> int:
        return int(self.training.x.shape[1])


@dataclass(frozen=True)
class FixedSet:
    """The table entry of a data set that is the same for every run.

    Attributes:
        title: its displayed name, the same as `Dataset.title`.
        load: returns the data set; its argument is the data folder. Raises `FieldError` for missing or damaged files.
    """

    title: str
    load: Callable[[Path], Dataset]


def _check_examples(field: str, examples: Labelled, training: Labelled, classes: int) -> None:
    """Check one part of a data set.

    Raises:
        FieldError: for wrong shapes, no examples, features that are not numbers or not finite in float32, and
            labels out of range.
    """
    x, labels = examples.x, examples.labels
    if x.ndim != 2 or labels.shape != (x.shape[0],):
        raise FieldError(
            field, f"must be x (n, features) with n labels, got {x.shape} and {labels.shape}: reshape them"
        )
    if not len(examples):
        raise FieldError(field, "must have examples, got none: add rows or choose another data set")
    if x.shape[1] != training.x.shape[1]:
        raise FieldError(
            field,
            f"must have {training.x.shape[1]} features like the training part, got {x.shape[1]}: use the same columns",
        )
    if not x.shape[1]:
        raise FieldError(field, "must have features, got none: the examples cannot be distinguished")
    if x.dtype.kind not in "fiub":
        raise FieldError(field, f"must have numeric features, got {x.dtype}: convert each column to numbers")
    if not np.issubdtype(labels.dtype, np.integer):
        raise FieldError(field, f"must have integer labels, got {labels.dtype}: number the classes from 0")
    rows = max(1, MAX_CHECKED_VALUES // x.shape[1])
    for first in range(0, len(x), rows):
        values = x[first : first + rows]
        with np.errstate(over="ignore"):
            is_finite = np.isfinite(values.astype(np.float32, copy=False))  # a run may train in float32
        if not is_finite.all():
            row, column = np.argwhere(~is_finite)[0]
            raise FieldError(
                field,
                f"must be finite, got {values[row, column]} in row {first + row}, feature {column}: "
                "replace it or remove the row",
            )
    if labels.min() < 0 or labels.max() >= classes:
        worst = labels.min() if labels.min() < 0 else labels.max()
        raise FieldError(field, f"must have labels from 0 to {classes - 1}, got {worst}: number the classes from 0")
