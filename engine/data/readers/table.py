"""A table of labelled examples from a person's own file, and the limits of its size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy import ndarray as Array

from engine.errors import FieldError, format_limit

MAX_BYTES = 20_000_000  # of a file before it is unpacked
MAX_ROWS = 200_000
MAX_FEATURES = 5_000
MAX_CLASSES = 100
MAX_VALUES = 50_000_000  # rows × features: all of MNIST, and 200 MB as float32
MAX_NAME_LENGTH = 100  # characters: longer texts are unlikely to be labels
MIN_ROWS = 20  # with fewer rows the accuracy on a part of them is not meaningful
MAX_PROBLEMS = 10  # in one error message: enough to find what is wrong with a column


@dataclass(frozen=True)
class Table:
    """Labelled examples in the order of their file.

    Attributes:
        x: float32 (n, features), finite.
        labels: int64 (n,), from 0 to k − 1; every class has examples.
        class_names: the k labels of the file.
        feature_names: names of the columns; empty if they have none.
        image_shape: (height, width) if the features are pixels from 0 to 1, else None.
        title: title given by the user.

    Raises:
        FieldError: for a table that cannot be trained on, or exceeds the limits above.
    """

    x: Array
    labels: Array
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...] = ()
    image_shape: tuple[int, int] | None = None
    title: str = "Own data"

    def __post_init__(self) -> None:
        if self.x.ndim != 2 or self.labels.shape != (len(self.x),):
            refuse(f"must have as many labels as examples, got {self.labels.shape} and {self.x.shape}: add labels")
        n, features = self.x.shape
        check_size(n, features)
        if n < MIN_ROWS:
            refuse(f"must have at least {MIN_ROWS} examples, got {n}: add rows")
        if len(self.class_names) < 2:
            class_text = f" ({self.class_names[0]})" if self.class_names else ""
            refuse(f"must have at least 2 classes, got {len(self.class_names)}{class_text}: add another class")
        if self.feature_names and len(self.feature_names) != features:
            refuse(
                f"must name all {features} features or none, got {len(self.feature_names)} names: add or remove names"
            )
        if self.image_shape is not None and self.image_shape[0] * self.image_shape[1] != features:
            refuse(f"must have images of {features} pixels, got {self.image_shape}: give the size of the images")
        _check_finite(self.x)

    def __len__(self) -> int:
        return len(self.labels)


def refuse(problem: str, field: str = "file") -> NoReturn:
    """Raise `FieldError` about a file."""
    raise FieldError(field, problem)


def check_bytes(content: bytes, field: str = "file") -> None:
    """Raise `FieldError` for a file that is empty or too large."""
    if not isinstance(content, bytes | bytearray):
        refuse(f"must be the bytes of a file, got {type(content).__name__}: read the file first", field)
    if not content:
        refuse("must have content, got an empty file: choose another", field)
    if len(content) > MAX_BYTES:
        limit, size = format_limit(MAX_BYTES, len(content))
        refuse(
            f"must be at most {limit}, got {size}: remove rows or columns, or compress it (.npz, IDX as .gz)",
            field,
        )


def check_size(rows: int, features: int, field: str = "file") -> None:
    """Raise `FieldError` for a table that is too large, before memory is reserved for it."""
    if rows > MAX_ROWS:
        refuse(f"must have at most {MAX_ROWS:,} rows, got {rows:,}: remove some", field)
    if features > MAX_FEATURES:
        refuse(f"must have at most {MAX_FEATURES:,} features, got {features:,}: remove some", field)
    if not features:
        refuse("must have features, got none: add a column", field)
    if rows * features > MAX_VALUES:
        refuse(
            f"must have at most {MAX_VALUES:,} values, rows times features, got {rows:,} × {features:,}: "
            "remove rows or features",
            field,
        )


def encode_labels(values: Sequence[str], place: str, field: str = "label") -> tuple[Array, tuple[str, ...]]:
    """Return labels as numbers 0 … k − 1 (n,), and the k class names.

    The classes are in the order of their values if all are whole numbers, else in alphabetical order.

    Args:
        values: the label of each example. place: the place of the labels in errors, such as "column 'species'".
        field: the name of the field in errors.

    Raises:
        FieldError: for more than 100 different labels, or one longer than 100 characters.
    """
    names = set(values)
    if len(names) > MAX_CLASSES:
        refuse(
            f"must have at most {MAX_CLASSES} different values, got {len(names):,} in {place}: "
            "choose another column, or group the values into classes first",
            field,
        )
    for name in names:
        if len(name) > MAX_NAME_LENGTH:
            refuse(
                f"must have at most {MAX_NAME_LENGTH} characters, got {len(name):,} in {place} ({name[:30]!r}…): "
                "choose another column or shorten it",
                field,
            )
    ordered = sorted(names, key=_class_sort_key(names))
    number_of = {name: k for k, name in enumerate(ordered)}
    return np.fromiter((number_of[value] for value in values), np.int64, len(values)), tuple(ordered)


def _class_sort_key(names: set[str]) -> Callable[[str], tuple[int, str]]:
    are_numbers = all(name.removeprefix("-").isdecimal() and name.isascii() for name in names)
    return lambda name: (int(name) if are_numbers else 0, name)


def _check_finite(x: Array) -> None:
    """Raise `FieldError` for NaN and infinity, also from overflow in float32; it lists up to ten."""
    with np.errstate(invalid="ignore"):  # ∞ − ∞ is NaN, which is not finite either
        if np.isfinite(np.sum(x, dtype=np.float64)):  # a float64 sum of finite float32 values is finite
            return
    problems: list[str] = []
    for row in np.flatnonzero(~np.isfinite(x).all(axis=1))[: MAX_PROBLEMS + 1]:
        problems += [f"x[{row}, {column}] = {x[row, column]}" for column in np.flatnonzero(~np.isfinite(x[row]))]
    refuse(
        f"must have numbers that are finite in float32, got {join_problems(problems)}: replace them or remove the rows"
    )


def join_problems(problems: Sequence[str]) -> str:
    """Return up to ten problems in one line."""
    ending = "; and more" if len(problems) > MAX_PROBLEMS else ""
    return "; ".join(problems[:MAX_PROBLEMS]) + ending
