"""A data set refuses examples that cannot be trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import Dataset, FieldError, Labelled

X = np.random.default_rng(0).random((6, 4), dtype=np.float32)
LABELS = np.array([0, 1, 2, 0, 1, 2])
GOOD = Labelled(X, LABELS)


def dataset(image_shape: tuple[int, int] | None = None, **parts: Labelled | None) -> Dataset:
    values: dict[str, Any] = {"training": GOOD, "validation": GOOD, "test": GOOD, **parts}
    return Dataset(name="mine", title="Mine", classes=3, image_shape=image_shape, **values)


def with_value(value: float, dtype: type = np.float32) -> np.ndarray:
    x = X.astype(dtype)
    x[3, 2] = value
    return x


BAD: dict[str, tuple[np.ndarray, np.ndarray, str]] = {
    "NaN": (with_value(np.nan), LABELS, "must be finite, got nan in row 3, feature 2"),
    "infinity": (with_value(np.inf), LABELS, "must be finite, got inf in row 3, feature 2"),
    "minus infinity": (with_value(-np.inf), LABELS, "must be finite, got -inf in row 3, feature 2"),
    "beyond float32": (with_value(1e39, np.float64), LABELS, r"must be finite, got 1e\+39 in row 3"),
    "a label below 0": (X, LABELS - 1, "labels from 0 to 2, got -1"),
    "a label above the classes": (X, LABELS + 1, "labels from 0 to 2, got 3"),
    "labels as floats": (X, LABELS.astype(float), "integer labels, got float64"),
    "labels as booleans": (X, LABELS > 0, "integer labels, got bool"),
    "labels as strings": (X, LABELS.astype(str), "integer labels"),
    "one label missing": (X, LABELS[:5], r"n labels, got \(6, 4\) and \(5,\)"),
    "one-hot labels": (X, np.eye(3, dtype=int)[LABELS], "n labels, got"),
    "one feature, flat": (X[:, 0], LABELS, r"x \(n, features\) with n labels, got \(6,\)"),
    "images, not flat": (X.reshape(6, 2, 2), LABELS, r"got \(6, 2, 2\)"),
    "a single number": (np.float32(1), LABELS, r"x \(n, features\)"),
    "no examples": (X[:0], LABELS[:0], "must have examples, got none"),
    "no features": (X[:, :0], LABELS, "must have features, got none"),
    "strings": (X.astype(str), LABELS, "numeric features"),
    "objects": (X.astype(object), LABELS, "numeric features, got object"),
    "complex numbers": (X.astype(complex), LABELS, "numeric features, got complex128"),
}


@pytest.mark.parametrize("part", ["training", "validation", "test"])
@pytest.mark.parametrize("case", BAD)
def test_an_invalid_part_is_refused_with_its_name(case: str, part: str) -> None:
    x, labels, problem = BAD[case]
    parts: dict[str, Any] = {part: Labelled(x, labels)}
    if case == "no features":  # in all parts, which must have the same features
        parts = dict.fromkeys(["training", "validation", "test"], Labelled(x, labels))
        part = "training"
    with pytest.raises(FieldError, match=problem) as caught:
        dataset(**parts)
    assert caught.value.field == f"{part} of mine"


@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_part_with_other_features_than_training_is_refused(part: str) -> None:
    with pytest.raises(FieldError, match=f"{part} of mine must have 4 features like the training part, got 3"):
        dataset(**{part: Labelled(X[:, :3], LABELS)})


def test_an_image_shape_with_another_pixel_count_is_refused() -> None:
    assert dataset(image_shape=(2, 2)).features == 4
    with pytest.raises(FieldError, match=r"must have 4 pixels, got \(3, 2\)"):
        dataset(image_shape=(3, 2))


@pytest.mark.parametrize("x", [X, X.astype(np.float64), (X * 255).astype(np.uint8), X.astype(np.int64), X > 0.5])
@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.int8])
def test_features_can_be_any_real_and_labels_any_integer_dtype(x: np.ndarray, kind: type) -> None:
    part = Labelled(x, LABELS.astype(kind))
    assert len(dataset(training=part, validation=part, test=None).training) == 6


@pytest.mark.parametrize("row", [0, 1, 2, 6, 7, 99])
def test_nan_is_found_in_any_row(row: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.dataset.MAX_CHECKED_VALUES", 3 * 4 + 1)  # three rows at a time
    x = np.zeros((100, 4), np.float32)
    labels = np.zeros(100, int)
    assert len(dataset(training=Labelled(x, labels)).training) == 100
    x[row, 1] = np.nan
    with pytest.raises(FieldError, match=f"must be finite, got nan in row {row}, feature 1"):
        dataset(training=Labelled(x, labels))
