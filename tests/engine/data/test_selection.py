"""A run's share of a data set: which examples, which labels are wrong, who judges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Dataset, FieldError, RunConfig, select
from engine.data.selection import corrupt
from tests.engine.toys import toy_config, toy_dataset

SHARES = st.floats(0, 0.5)


def labels_of(n: int, classes: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, classes, n)


@given(n=st.integers(1, 300), classes=st.integers(2, 12), share=SHARES, seed=st.integers(0, 2**63 - 1))
def test_exactly_that_share_of_the_labels_is_wrong(n: int, classes: int, share: float, seed: int) -> None:
    labels = labels_of(n, classes)
    before = labels.tolist()
    given_labels, corrupted = corrupt(labels, classes, share, seed)
    assert np.count_nonzero(corrupted) == round(share * n)
    assert ((given_labels != labels) == corrupted).all()  # wrong where it says so, right elsewhere
    assert given_labels.min() >= 0
    assert given_labels.max() < classes
    assert labels.tolist() == before
    again, _ = corrupt(labels, classes, share, seed)
    assert again.tolist() == given_labels.tolist()


@given(low=SHARES, high=SHARES, seed=st.integers(0, 1000))
def test_a_larger_share_corrupts_the_same_labels_in_the_same_way_and_more(low: float, high: float, seed: int) -> None:
    low, high = sorted((low, high))
    labels = labels_of(80, 10)
    (few, where_few), (many, where_many) = (corrupt(labels, 10, share, seed) for share in (low, high))
    assert (where_few <= where_many).all()
    assert few[where_few].tolist() == many[where_few].tolist()


def test_each_wrong_class_is_equally_likely_and_each_label_too() -> None:
    wrong, hit = np.zeros(5), np.zeros(40)
    for seed in range(500):
        labels, corrupted = corrupt(np.full(40, 2), 5, 0.5, seed)
        wrong += np.bincount(labels[corrupted], minlength=5)
        hit += corrupted
    assert wrong[2] == 0
    assert (np.abs(wrong[[0, 1, 3, 4]] - 2500) < 5 * np.sqrt(10_000 * 0.25 * 0.75)).all()
    assert (np.abs(hit - 250) < 5 * np.sqrt(500 * 0.25)).all()


def test_another_seed_corrupts_other_labels() -> None:
    labels = labels_of(200, 10)
    places = {corrupt(labels, 10, 0.3, seed)[1].tobytes() for seed in range(20)}
    assert len(places) == 20


def test_with_one_class_no_label_can_be_wrong() -> None:
    labels, corrupted = corrupt(np.zeros(9, dtype=int), 1, 0.5, 1)
    assert not corrupted.any()
    assert not labels.any()


def test_a_run_takes_the_first_examples_in_order(digits: Dataset) -> None:
    config = RunConfig(train_size=200, label_noise=0.25, dtype="float64")
    data = select(config, digits)
    assert data.x.tolist() == digits.training.x[:200].tolist()
    assert data.n == 200
    wrong = np.flatnonzero(data.labels != digits.training.labels[:200])
    assert wrong.tolist() == np.flatnonzero(data.corrupted).tolist()
    assert len(wrong) == 50
    for row, label in zip(data.y.tolist(), data.labels.tolist(), strict=True):
        assert row == [float(k == label) for k in range(10)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_a_run_sees_is_of_its_dtype(digits: Dataset, dtype: str) -> None:
    data = select(RunConfig(dtype=dtype), digits)
    assert {data.x.dtype, data.y.dtype, data.judge.x.dtype} == {np.dtype(dtype)}


def test_the_judge_is_never_corrupted_and_is_the_one_that_was_asked_for() -> None:
    dataset = toy_dataset()
    assert dataset.test is not None
    for name, part in (("validation", dataset.validation), ("test", dataset.test)):
        data = select(toy_config(label_noise=0.5, evaluate_on=name), dataset)
        assert data.judge_name == name
        assert data.judge.labels.tolist() == part.labels.tolist()
        assert data.judge.x.tolist() == part.x.tolist()


def test_no_train_size_takes_them_all(digits: Dataset) -> None:
    assert select(RunConfig(train_size=None), digits).n == 1_297


def test_more_examples_than_there_are_are_refused(digits: Dataset) -> None:
    with pytest.raises(FieldError, match=r"train_size must be at most 1297, all of digits, got 1298: take fewer"):
        select(RunConfig(train_size=1_298), digits)


def test_a_test_part_that_is_not_there_is_refused(digits: Dataset) -> None:
    with pytest.raises(FieldError, match="evaluate_on must be validation, got test: digits has no separate test part"):
        select(RunConfig(evaluate_on="test"), digits)
