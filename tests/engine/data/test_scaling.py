"""Standardization, compared with the mean and standard deviation of a plain loop."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Dataset, Labelled, RunConfig, select
from engine.data import scaling
from engine.data.scaling import Scaling
from tests.engine.toys import toy_config, toy_dataset


def own_dataset(n: int = 40, shift: float = 0.0, **changes: Any) -> Dataset:
    """A data set with features of very different scales; the third feature is constant."""
    rng = np.random.default_rng(0)

    def part(size: int, shift: float) -> Labelled:
        x = rng.standard_normal((size, 3)) * [1e-3, 50, 0] + [5, -1000, 0.1] + shift
        return Labelled(x.astype(np.float32), np.arange(size) % 2)

    parts = {"training": part(n, 0), "validation": part(30, shift), "test": part(20, shift)}
    return Dataset(name="mine", title="Mine", classes=2, standardize=True, **{**parts, **changes})


def mean_and_deviation(column: list[float]) -> tuple[float, float]:
    mean = math.fsum(column) / len(column)
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column))


@pytest.mark.parametrize("part", [scaling.CHUNK_VALUES, 7])
def test_training_examples_are_scaled_to_mean_0_and_deviation_1(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "CHUNK_VALUES", part)
    dataset = own_dataset()
    data = select(toy_config(train_size=25), dataset)
    assert data.scaling is not None
    for column in (0, 1):
        mean, std = mean_and_deviation(dataset.training.x[:25, column].astype(float).tolist())
        assert data.scaling.mean[column] == pytest.approx(mean, rel=1e-12)
        assert data.scaling.std[column] == pytest.approx(std, rel=1e-9)
        for found, given_x in ((data.x, dataset.training.x[:25]), (data.evaluation.x, dataset.validation.x)):
            expected = [(value - mean) / std for value in given_x[:, column].astype(float).tolist()]
            assert found[:, column] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_scaling_ignores_the_evaluation_set_and_unused_examples() -> None:
    plain, shifted = (select(toy_config(train_size=25), own_dataset(shift=shift)) for shift in (0.0, 100.0))
    assert plain.x.tolist() == shifted.x.tolist()
    assert shifted.evaluation.x[:, 1].mean() > plain.evaluation.x[:, 1].mean() + 1
    dataset = own_dataset()
    more = own_dataset(training=Labelled(np.concatenate([dataset.training.x, [[9, 9, 9]]]), np.arange(41) % 2))
    assert select(toy_config(train_size=25), more).x.tolist() == select(toy_config(train_size=25), dataset).x.tolist()


def test_a_constant_feature_becomes_0_in_both_sets() -> None:
    data = select(toy_config(), own_dataset(shift=3.0))
    assert data.scaling is not None
    assert data.scaling.std[2] == 0
    assert not data.x[:, 2].any()
    assert not data.evaluation.x[:, 2].any()


def test_scaled_evaluation_examples_stay_finite() -> None:
    training = np.array([[0.0], [1e-30]] * 10, np.float32)
    evaluation = np.array([[3e38], [-3e38], [0.0]], np.float32)
    dataset = Dataset(
        name="far",
        title="Far",
        training=Labelled(training, np.arange(20) % 2),
        validation=Labelled(evaluation, np.array([0, 1, 1])),
        test=None,
        classes=2,
        standardize=True,
    )
    found = select(RunConfig.demo(train_size=None, hidden=(3,), dtype="float32"), dataset).evaluation.x
    assert found.ravel().tolist() == [1e6, -1e6, -1.0]


@given(x=st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=30))
def test_any_column_is_scaled_as_in_the_loop(x: list[float]) -> None:
    found = Scaling.of(np.array(x, np.float32).reshape(-1, 1))
    mean, std = mean_and_deviation(x)
    assert found.mean[0] == pytest.approx(mean, rel=1e-9, abs=1e-9)
    assert found.std[0] == pytest.approx(std if len(set(x)) > 1 else 0, rel=1e-6, abs=1e-12)


def test_data_without_standardization_are_not_changed() -> None:
    dataset = toy_dataset()
    data = select(toy_config(), dataset)
    assert data.scaling is None
    assert data.x.tolist() == dataset.training.x.tolist()


def test_columns_in_other_units_give_the_same_scaled_values() -> None:
    dataset = own_dataset()
    other = own_dataset(
        **{
            name: Labelled((part.x.astype(float) * [1000, 1e-3, 7] + [1, 2, 3]), part.labels)
            for name, part in (("training", dataset.training), ("validation", dataset.validation))
        }
    )
    one, two = (select(toy_config(), found) for found in (dataset, other))
    np.testing.assert_allclose(one.x, two.x, atol=1e-4)
    np.testing.assert_allclose(one.evaluation.x, two.evaluation.x, atol=1e-3)
