"""A table of labelled examples: what people's own files are read into, and how large it may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy import ndarray as Array

from engine.errors import FieldError

MOST_BYTES = 20_000_000  # of a file as it comes
MOST_ROWS = 200_000
MOST_FEATURES = 5_000
MOST_CLASSES = 100
MOST_VALUES = 50_000_000  # rows × features: all of MNIST, and 200 MB as float32
MOST_LETTERS = 100  # of a name: a longer one is a text and no label
FEWEST_ROWS = 20  # fewer cannot be split into two parts that mean anything
MOST_PROBLEMS = 10  # told at once: enough to see what is wrong with a column


@dataclass(frozen=True)
class Table:
    """Labelled examples in the order of their file.

    Attributes:
        x: float32 (n, features), finite.
        labels: int64 (n,), from 0 to k − 1, each class in use.
        class_names: what they were called in the file, k of them.
        feature_names: what the columns are called; empty where they have no names.
        image_shape: (height, width) where the features are pixels from 0 to 1, else None.
        title: what a person calls it.

    Raises:
        FieldError: for what cannot be learnt from or is larger than the limits above.
    """

    x: Array
    labels: Array
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...] = ()
    image_shape: tuple[int, int] | None = None
    title: str = "Own data"

    def __post_init__(self) -> None:
        if self.x.ndim != 2 or self.labels.shape != (len(self.x),):
            refuse(f"must have as many labels as examples, got {self.labels.shape} for {self.x.shape}: give each one")
        n, features = self.x.shape
        check_size(n, features)
        if n < FEWEST_ROWS:
            refuse(f"must have at least {FEWEST_ROWS} examples, got {n}: add rows")
        if len(self.class_names) < 2:
            only = f" ({self.class_names[0]})" if self.class_names else ""
            refuse(f"must have at least 2 classes, got {len(self.class_names)}{only}: there is nothing to tell apart")
        if self.feature_names and len(self.feature_names) != features:
            refuse(f"must name all {features} features or none, got {len(self.feature_names)} names")
        if self.image_shape is not None and self.image_shape[0] * self.image_shape[1] != features:
            refuse(f"must have images of {features} pixels, got {self.image_shape}: give their true size")
        _check_finite(self.x)

    def __len__(self) -> int:
        return len(self.labels)


def refuse(problem: str, field: str = "file") -> NoReturn:
    """Refuse a file. Raises `FieldError`, always."""
    raise FieldError(field, problem)


def check_bytes(content: bytes, field: str = "file") -> None:
    """Refuse a file that is empty or too large, before anything is made of it."""
    if not isinstance(content, bytes | bytearray):
        refuse(f"must be a file's bytes, got {type(content).__name__}: read it first", field)
    if not content:
        refuse("must hold something, got an empty file: choose another", field)
    if len(content) > MOST_BYTES:
        refuse(
            f"must be at most {MOST_BYTES // 1_000_000} MB, got {len(content) / 1e6:.1f} MB: "
            "leave out rows or columns, or compress it (.npz, IDX as .gz)",
            field,
        )


def check_size(rows: int, features: int, field: str = "file") -> None:
    """Refuse what is too large, by what a file says of itself, before room is made for it."""
    if rows > MOST_ROWS:
        refuse(f"must have at most {MOST_ROWS:,} rows, got {rows:,}: leave some out", field)
    if features > MOST_FEATURES:
        refuse(f"must have at most {MOST_FEATURES:,} features, got {features:,}: leave some out", field)
    if not features:
        refuse("must have features, got none: there is nothing to tell the examples apart by", field)
    if rows * features > MOST_VALUES:
        refuse(
            f"must have at most {MOST_VALUES:,} values, rows times features, got {rows:,} × {features:,}: "
            "leave out rows or features",
            field,
        )


def classes_of(values: Sequence[str], what: str, field: str = "label") -> tuple[Array, tuple[str, ...]]:
    """Labels of any kind as 0 … k − 1, and what they were.

    Whole numbers are put in the order of their values, all else in that of the alphabet.

    Args:
        values: the label of each example. what: where they stand, for errors, as "column 'species'".
        field: what errors are about.

    Raises:
        FieldError: for more than 100 different labels, or one longer than 100 characters.
    """
    names = set(values)
    if len(names) > MOST_CLASSES:
        refuse(
            f"must have at most {MOST_CLASSES} different values, got {len(names):,} in {what}: "
            "take another column, or put the values into classes first",
            field,
        )
    for name in names:
        if len(name) > MOST_LETTERS:
            refuse(
                f"must have at most {MOST_LETTERS} characters, got {len(name):,} in {what} ({name[:30]!r}…): "
                "take another column or shorten it",
                field,
            )
    ordered = sorted(names, key=_number_or_name(names))
    number = {name: k for k, name in enumerate(ordered)}
    return np.fromiter((number[value] for value in values), np.int64, len(values)), tuple(ordered)


def _number_or_name(names: set[str]) -> Callable[[str], tuple[int, str]]:
    whole = all(name.removeprefix("-").isdecimal() and name.isascii() for name in names)
    return lambda name: (int(name) if whole else 0, name)


def _check_finite(x: Array) -> None:
    """Refuse NaN, infinity and what became infinite as float32, telling up to ten of them."""
    with np.errstate(invalid="ignore"):  # ∞ − ∞ is NaN, and that is what is asked for
        if np.isfinite(np.sum(x, dtype=np.float64)):  # so it is in float64 unless something in it is not
            return
    found: list[str] = []
    for row in np.flatnonzero(~np.isfinite(x).all(axis=1))[: MOST_PROBLEMS + 1]:
        found += [f"x[{row}, {column}] = {x[row, column]}" for column in np.flatnonzero(~np.isfinite(x[row]))]
    refuse(f"must hold finite numbers that float32 can hold, got {in_words(found)}: fill them or leave them out")


def in_words(problems: Sequence[str]) -> str:
    """Up to ten problems in one line."""
    more = "; and more" if len(problems) > MOST_PROBLEMS else ""
    return "; ".join(problems[:MOST_PROBLEMS]) + more
