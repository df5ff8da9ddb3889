"""The examples of a run: which are selected, which labels are corrupted, and the evaluation set."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Dataset, FieldError, RunConfig, select
from engine.data import check_example_selection, pool_size
from engine.data.expansion import with_shifted_copies
from engine.data.selection import corrupt_labels
from tests.engine.toys import toy_config, toy_dataset

SHARES = st.floats(0, 0.5)


def labels_of(n: int, classes: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, classes, n)


@given(n=st.integers(1, 300), classes=st.integers(2, 12), share=SHARES, seed=st.integers(0, 2**63 - 1))
def test_exactly_the_given_share_of_labels_is_corrupted(n: int, classes: int, share: float, seed: int) -> None:
    labels = labels_of(n, classes)
    before = labels.tolist()
    given_labels, corrupted = corrupt_labels(labels, classes, share, seed)
    assert np.count_nonzero(corrupted) == round(share * n)
    assert ((given_labels != labels) == corrupted).all()  # `corrupted` marks exactly the wrong labels
    assert given_labels.min() >= 0
    assert given_labels.max() < classes
    assert labels.tolist() == before
    repeated, _ = corrupt_labels(labels, classes, share, seed)
    assert repeated.tolist() == given_labels.tolist()


@given(low=SHARES, high=SHARES, seed=st.integers(0, 1000))
def test_a_larger_share_corrupts_the_same_labels_and_more(low: float, high: float, seed: int) -> None:
    low, high = sorted((low, high))
    labels = labels_of(80, 10)
    (few, where_few), (many, where_many) = (corrupt_labels(labels, 10, share, seed) for share in (low, high))
    assert (where_few <= where_many).all()
    assert few[where_few].tolist() == many[where_few].tolist()


def test_each_wrong_class_and_each_label_is_equally_likely() -> None:
    wrong, corrupted_counts = np.zeros(5), np.zeros(40)
    for seed in range(500):
        labels, corrupted = corrupt_labels(np.full(40, 2), 5, 0.5, seed)
        wrong += np.bincount(labels[corrupted], minlength=5)
        corrupted_counts += corrupted
    assert wrong[2] == 0
    assert (np.abs(wrong[[0, 1, 3, 4]] - 2500) < 5 * np.sqrt(10_000 * 0.25 * 0.75)).all()
    assert (np.abs(corrupted_counts - 250) < 5 * np.sqrt(500 * 0.25)).all()


def test_another_seed_corrupts_other_labels() -> None:
    labels = labels_of(200, 10)
    places = {corrupt_labels(labels, 10, 0.3, seed)[1].tobytes() for seed in range(20)}
    assert len(places) == 20


def test_with_one_class_no_label_is_corrupted() -> None:
    labels, corrupted = corrupt_labels(np.zeros(9, dtype=int), 1, 0.5, 1)
    assert not corrupted.any()
    assert not labels.any()


def test_a_run_takes_the_first_examples_in_order(digits: Dataset) -> None:
    config = RunConfig.demo(train_size=200, label_noise=0.25, dtype="float64")
    data = select(config, digits)
    assert data.x.tolist() == digits.training.x[:200].tolist()
    assert data.n == 200
    wrong = np.flatnonzero(data.labels != digits.training.labels[:200])
    assert wrong.tolist() == np.flatnonzero(data.corrupted).tolist()
    assert len(wrong) == 50
    for row, label in zip(data.y.tolist(), data.labels.tolist(), strict=True):
        assert row == [float(k == label) for k in range(10)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_data_of_a_run_have_its_dtype(digits: Dataset, dtype: str) -> None:
    data = select(RunConfig.demo(dtype=dtype), digits)
    assert {data.x.dtype, data.y.dtype, data.evaluation.x.dtype} == {np.dtype(dtype)}


def test_the_evaluation_set_is_the_chosen_part_without_corruption() -> None:
    dataset = toy_dataset()
    assert dataset.test is not None
    for name, part in (("validation", dataset.validation), ("test", dataset.test)):
        data = select(toy_config(label_noise=0.5, evaluate_on=name), dataset)
        assert data.evaluation_name == name
        assert data.evaluation.labels.tolist() == part.labels.tolist()
        assert data.evaluation.x.tolist() == part.x.tolist()


def test_without_a_train_size_all_examples_are_used(digits: Dataset) -> None:
    assert select(RunConfig.demo(train_size=None), digits).n == 1_297


def test_a_train_size_above_the_number_of_examples_is_refused(digits: Dataset) -> None:
    with pytest.raises(FieldError, match=r"train_size must be at most 1297, all of digits, got 1298: use fewer"):
        select(RunConfig.demo(train_size=1_298), digits)


def test_a_missing_test_part_is_refused(digits: Dataset) -> None:
    with pytest.raises(FieldError, match="evaluate_on must be validation, got test: digits has no separate test part"):
        select(RunConfig.demo(evaluate_on="test"), digits)


def examples_of(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Training examples followed by validation examples."""
    x = np.concatenate([dataset.training.x, dataset.validation.x])
    return x, np.concatenate([dataset.training.labels, dataset.validation.labels])


@given(share=st.floats(0.01, 0.9))
def test_a_validation_share_is_taken_from_the_end(share: float) -> None:
    dataset = toy_dataset(n=200)  # with 7 validation examples
    x, labels = examples_of(dataset)
    validation_count = max(1, round(share * 207))
    data = select(toy_config(validation_share=share), dataset)
    assert data.n == pool_size(toy_config(validation_share=share), dataset) == 207 - validation_count
    assert data.x.tolist() == x[: 207 - validation_count].tolist()
    assert data.labels.tolist() == labels[: 207 - validation_count].tolist()
    assert data.evaluation.x.tolist() == x[207 - validation_count :].tolist()
    assert data.evaluation.labels.tolist() == labels[207 - validation_count :].tolist()


def test_a_validation_share_does_not_change_the_first_examples(digits: Dataset) -> None:
    default_split = select(RunConfig.demo(train_size=200), digits)
    for share in (0.01, 0.28, 0.5, 0.88):
        data = select(RunConfig.demo(train_size=200, validation_share=share), digits)
        assert data.x.tobytes() == default_split.x.tobytes()
        assert data.labels.tobytes() == default_split.labels.tobytes()
        assert len(data.evaluation) == round(share * 1_797)


def test_a_validation_share_does_not_change_the_test_examples() -> None:
    dataset = toy_dataset()
    assert dataset.test is not None
    data = select(toy_config(validation_share=0.5, evaluate_on="test"), dataset)
    assert data.n == 10
    assert data.evaluation.x.tolist() == dataset.test.x.tolist()


def test_too_many_examples_for_a_validation_share_are_refused(digits: Dataset) -> None:
    assert (
        select(RunConfig.demo(train_size=1_617, validation_share=0.1), digits).n == 1_617
    )  # more than the training part of the set
    with pytest.raises(FieldError) as caught:
        select(RunConfig.demo(train_size=900, validation_share=0.5), digits)
    assert caught.value.field == "train_size"
    assert "at most 899, the rest of digits with a validation share of 0.5, got 900" in str(caught.value)
    assert "fewer examples or a smaller validation_share" in str(caught.value)


@pytest.mark.parametrize("size", [10, 11, 500, 1_297, None])
def test_any_number_of_examples_from_ten_to_all_can_be_used(size: int | None, digits: Dataset) -> None:
    assert select(RunConfig.demo(train_size=size, l2=0.0), digits).n == (size or 1_297)


def test_check_selection_agrees_with_select(digits: Dataset) -> None:
    assert check_example_selection(RunConfig.demo(train_size=60, expand=True), digits) == 60
    assert check_example_selection(RunConfig.demo(train_size=None), digits) == 1_297
    for config in (
        RunConfig.demo(train_size=1_298),
        RunConfig.demo(evaluate_on="test"),
        RunConfig.demo(train_size=5),
        RunConfig.demo(validation_share=0.9),
    ):
        with pytest.raises(FieldError) as by_check:
            check_example_selection(config, digits)
        with pytest.raises(FieldError) as by_select:
            select(config, digits)
        assert str(by_check.value) == str(by_select.value)


def test_clean_labels_equal_those_of_the_data_set(digits: Dataset) -> None:
    data = select(RunConfig.demo(train_size=300, label_noise=0.4), digits)
    assert data.clean_labels.tolist() == digits.training.labels[:300].tolist()
    assert (data.clean_labels != data.labels).tolist() == data.corrupted.tolist()
    shifted = select(RunConfig.demo(train_size=30, label_noise=0.4, expand=True), digits)
    assert shifted.clean_labels.tolist() == digits.training.labels[:30].tolist() * 5


def test_input_noise_changes_the_training_inputs_only(digits: Dataset) -> None:
    before = digits.training.x.tobytes()
    plain, noisy = (select(RunConfig.demo(pixel_noise=level), digits) for level in (0.0, 0.3))
    assert noisy.x.tobytes() != plain.x.tobytes()
    assert noisy.evaluation.x.tobytes() == plain.evaluation.x.tobytes()
    assert noisy.labels.tobytes() == plain.labels.tobytes()
    assert noisy.corrupted.tobytes() == plain.corrupted.tobytes()
    assert digits.training.x.tobytes() == before


def test_noisy_images_are_clipped_to_0_and_1_and_points_are_not(digits: Dataset) -> None:
    images = select(RunConfig.demo(pixel_noise=1.0), digits).x
    assert (images.min(), images.max()) == (0, 1)
    points = select(toy_config(pixel_noise=1.0), toy_dataset()).x
    assert points.min() < 0
    assert points.max() > 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_noise_of_an_example_is_proportional_to_its_level(dtype: str) -> None:
    dataset = toy_dataset(n=400, features=50)

    def noise(level: float, size: int = 400, seed: int = 1) -> np.ndarray:
        data = select(toy_config(pixel_noise=level, train_size=size, seed=seed, dtype=dtype), dataset)
        assert data.x.dtype == dtype
        return data.x.astype(float) - dataset.training.x[:size]

    assert noise(0.4) == pytest.approx(4 * noise(0.1), abs=1e-6)
    assert noise(0.4).std() == pytest.approx(0.4, rel=0.02)
    assert noise(0.4).mean() == pytest.approx(0, abs=0.01)
    assert noise(0.2, size=90).tolist() == noise(0.2)[:90].tolist()
    assert abs(noise(0.2) - noise(0.2, seed=2)).min() > 0


def test_expansion_shifts_the_noisy_images(digits: Dataset) -> None:
    config = RunConfig.demo(train_size=20, pixel_noise=0.2, expand=True)
    data = select(config, digits)
    noisy = select(RunConfig.demo(train_size=20, pixel_noise=0.2), digits).x
    assert data.x.tolist() == with_shifted_copies(noisy, (8, 8)).tolist()
