"""Training examples of a run for display: inputs, labels used in training, and correct labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.data.selection import RunData
from engine.errors import FieldError


@dataclass(frozen=True)
class Gallery:
    """Some training examples of a run, in their order.

    Attributes:
        indices: their indices in the training examples of the run (m,).
        labels: labels used in training, with the corrupted ones (m,).
        clean_labels: the correct labels (m,).
        corrupted: True where the two differ (m,).
        x: the inputs of the network, with noise and scaling (m, features).
        images: the same as (m, height, width); None if they are not images.
        total: the number of examples on all pages.
    """

    indices: Array
    labels: Array
    clean_labels: Array
    corrupted: Array
    x: Array
    images: Array | None
    total: int


def gallery(data: RunData, count: int, first: int = 0, only_corrupted: bool = False) -> Gallery:
    """Return a page of examples.

    Args:
        data: data of the run. count: the size of a page, at least 1.
        first: the index of the first example, from 0; a page beyond the end is empty.
        only_corrupted: whether to page through the examples with a corrupted label only.

    Raises:
        FieldError: for a count below 1 or a first below 0.
    """
    if count < 1:
        raise FieldError("count", f"must be at least 1, got {count}: use a larger one")
    if first < 0:
        raise FieldError("first", f"must be at least 0, got {first}: examples count from 0")
    matching_indices = np.flatnonzero(data.corrupted) if only_corrupted else np.arange(data.n)
    indices = matching_indices[first : first + count]
    x, shape = data.x[indices], data.dataset.image_shape
    return Gallery(
        indices=indices,
        labels=data.labels[indices],
        clean_labels=data.clean_labels[indices],
        corrupted=data.corrupted[indices],
        x=x,
        images=None if shape is None else x.reshape(-1, *shape),
        total=len(matching_indices),
    )


@dataclass(frozen=True)
class ClassBalance:
    """The number of examples of each class, each (classes,).

    Attributes:
        labels: counts of the training examples by their labels in training.
        clean_labels: counts of the training examples by their correct labels.
        evaluation: counts of the evaluation set.
    """

    labels: Array
    clean_labels: Array
    evaluation: Array


def class_balance(data: RunData) -> ClassBalance:
    """Return the number of examples of a run by class."""

    def counts(labels: Array) -> Array:
        return np.bincount(labels, minlength=data.dataset.classes)

    return ClassBalance(counts(data.labels), counts(data.clean_labels), counts(data.evaluation.labels))
