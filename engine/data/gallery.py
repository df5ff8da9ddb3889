"""Examples of a run to look at: what the network sees, the label it is taught, and the true one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from engine.data.selection import RunData
from engine.errors import FieldError


@dataclass(frozen=True)
class Gallery:
    """Some of a run's training examples, in their order.

    Attributes:
        indices: which of the run's training examples they are, (m,).
        labels: what the network is taught, (m,).
        clean_labels: what is true, (m,).
        corrupted: where the two differ, (m,).
        x: the inputs as the network sees them, noise and scaling included, (m, features).
        images: the same as (m, height, width), None where they are no images.
        total: how many examples there are to page through.
    """

    indices: Array
    labels: Array
    clean_labels: Array
    corrupted: Array
    x: Array
    images: Array | None
    total: int


def gallery(data: RunData, count: int, first: int = 0, only_corrupted: bool = False) -> Gallery:
    """A page of examples: up to `count` of them, the first being number `first` of all that qualify.

    Args:
        data: the run's. count: at least 1. first: from 0; past the end the page is empty.
        only_corrupted: only those whose label was replaced.

    Raises:
        FieldError: for a count below 1 or a first below 0.
    """
    if count < 1:
        raise FieldError("count", f"must be at least 1, got {count}: ask for some examples")
    if first < 0:
        raise FieldError("first", f"must be at least 0, got {first}: examples count from 0")
    all_of_them = np.flatnonzero(data.corrupted) if only_corrupted else np.arange(data.n)
    indices = all_of_them[first : first + count]
    x, shape = data.x[indices], data.dataset.image_shape
    return Gallery(
        indices=indices,
        labels=data.labels[indices],
        clean_labels=data.clean_labels[indices],
        corrupted=data.corrupted[indices],
        x=x,
        images=None if shape is None else x.reshape(-1, *shape),
        total=len(all_of_them),
    )


@dataclass(frozen=True)
class Balance:
    """How many examples of each class there are, each (classes,).

    Attributes:
        labels: of the training examples, as they are taught.
        clean_labels: of the same, as they truly are.
        judge: of the examples that the run is judged on.
    """

    labels: Array
    clean_labels: Array
    judge: Array


def class_balance(data: RunData) -> Balance:
    """The examples of a run, counted by class."""

    def counts(labels: Array) -> Array:
        return np.bincount(labels, minlength=data.dataset.classes)

    return Balance(counts(data.labels), counts(data.clean_labels), counts(data.judge.labels))
