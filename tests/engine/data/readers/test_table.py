"""Tables and their classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import FieldError
from engine.data import Table
from engine.data.readers.table import MAX_VALUES, check_size, encode_labels

X = np.zeros((20, 4), np.float32)
LABELS = np.arange(20) % 2


def table(**changes: Any) -> Table:
    return Table(**{"x": X, "labels": LABELS, "class_names": ("a", "b"), **changes})


@given(values=st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=60))
def test_every_label_becomes_the_index_of_its_name(values: list[str]) -> None:
    labels, names = encode_labels(values, "the file")
    assert [names[k] for k in labels] == values
    assert set(names) == set(values)


@given(values=st.lists(st.integers(-1000, 1000), min_size=1, max_size=60))
def test_integer_labels_are_sorted_by_value(values: list[int]) -> None:
    _, names = encode_labels([str(value) for value in values], "the file")
    assert [int(name) for name in names] == sorted(set(values))


def test_other_labels_are_sorted_alphabetically() -> None:
    assert encode_labels(["b", "10", "9", "a"], "the file")[1] == ("10", "9", "a", "b")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"labels": LABELS[:-1]}, "must have as many labels as examples"),
        ({"x": X.ravel()}, "must have as many labels as examples"),
        ({"x": X[:19], "labels": LABELS[:19]}, "must have at least 20 examples, got 19"),
        ({"x": X[:, :0]}, "must have features, got none"),
        ({"class_names": ("a",)}, r"must have at least 2 classes, got 1 \(a\)"),
        ({"class_names": ()}, "must have at least 2 classes, got 0"),
        ({"feature_names": ("a", "b")}, "must name all 4 features or none, got 2"),
        ({"image_shape": (3, 3)}, r"must have images of 4 pixels, got \(3, 3\)"),
        (
            {"x": X + np.where(np.arange(4) == 2, np.nan, 0).astype("f4")},
            r".* got x\[0, 2\] = nan; .*x\[9, 2\] = nan; and",
        ),
    ],
)
def test_an_invalid_table_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(FieldError, match=f"^file {problem}"):
        table(**changes)


def test_infinities_of_opposite_sign_are_found() -> None:
    x = X.copy()
    x[1, 1], x[2, 2] = np.inf, -np.inf
    with pytest.raises(FieldError, match=r"got x\[1, 1\] = inf; x\[2, 2\] = -inf: replace them"):
        table(x=x)


def test_large_finite_numbers_are_accepted() -> None:
    table(x=X + np.float32(3e38))


def test_the_number_of_values_is_limited_as_well() -> None:
    check_size(200_000, MAX_VALUES // 200_000)
    check_size(MAX_VALUES // 5_000, 5_000)
    with pytest.raises(FieldError, match="at most 50,000,000 values, rows times features, got 10,001 × 5,000"):
        check_size(10_001, 5_000)
