"""Generated sets: their shapes against the formulas of the plane, and what seed, noise and size do to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import FieldError, RunConfig, dataset_of, load_dataset, select, train
from engine.data import PLANAR
from engine.data.planar import GAP, SPREAD, TURNS, planar_points

NAMES = st.sampled_from(list(PLANAR))


def classes_in(name: str, classes: int = 3) -> int:
    return PLANAR[name].classes or classes


def test_the_number_of_classes_is_free_for_blobs_alone() -> None:
    assert [name for name, planar in PLANAR.items() if planar.classes is None] == ["blobs"]
    assert {classes_in(name) for name in ("moons", "circles", "spirals", "xor")} == {2}


@pytest.mark.parametrize("name", PLANAR)
def test_without_noise_the_shape_fills_the_square_from_minus_1_to_1(name: str) -> None:
    x, _ = planar_points(name, 2_000, 0.0, classes_in(name), 1)
    assert x.dtype == np.float32
    assert np.abs(x).max() <= 1.000001
    assert np.ptp(x, axis=0).max() > 1.4


@given(name=NAMES, n=st.integers(1, 300), classes=st.integers(2, 6), seed=st.integers(0, 2**63 - 1))
def test_every_prefix_is_balanced_and_the_same_of_any_number(name: str, n: int, classes: int, seed: int) -> None:
    k = classes_in(name, classes)
    x, labels = planar_points(name, n, 0.2, k, seed)
    counts = np.bincount(labels, minlength=k)
    assert counts.max() - counts.min() <= 1
    more, more_labels = planar_points(name, n + 50, 0.2, k, seed)
    assert more[:n].tolist() == x.tolist()
    assert more_labels[:n].tolist() == labels.tolist()


@given(name=NAMES, low=st.floats(0, 0.5), high=st.floats(0, 0.5), seed=st.integers(0, 1000))
def test_more_noise_moves_every_point_further_along_the_same_line(
    name: str, low: float, high: float, seed: int
) -> None:
    still, half, full = (planar_points(name, 60, noise, 2, seed)[0].astype(float) for noise in (0.0, low, high))
    np.testing.assert_allclose((half - still) * high, (full - still) * low, atol=1e-6)


def test_the_noise_has_the_standard_deviation_that_was_asked_for() -> None:
    still, noisy = (planar_points("moons", 20_000, noise, 2, 3)[0].astype(float) for noise in (0.0, 0.3))
    np.testing.assert_allclose((noisy - still).std(axis=0), 0.3, rtol=0.02)
    np.testing.assert_allclose((noisy - still).mean(axis=0), 0.0, atol=0.01)


def test_each_seed_draws_other_points() -> None:
    assert len({planar_points("xor", 10, 0.1, 2, seed)[0].tobytes() for seed in range(20)}) == 20


def test_two_moons_lie_on_two_half_circles() -> None:
    x, labels = planar_points("moons", 400, 0.0, 2, 1)
    for point, label in zip(x.astype(float) * 1.5, labels, strict=True):
        across, up = point[0] + 0.5, point[1] + 0.25
        if label == 0:
            assert np.hypot(across, up) == pytest.approx(1, abs=1e-5)
            assert up >= -1e-6
        else:
            assert np.hypot(across - 1, up - 0.5) == pytest.approx(1, abs=1e-5)
            assert up <= 0.5 + 1e-6


def test_the_circles_have_radius_one_and_a_half() -> None:
    x, labels = planar_points("circles", 400, 0.0, 2, 1)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), np.where(labels == 0, 1.0, 0.5), rtol=1e-5)


def test_a_spirals_angle_grows_with_its_radius_and_the_arms_are_opposite() -> None:
    x, labels = planar_points("spirals", 400, 0.0, 2, 1)
    radius = np.linalg.norm(x.astype(float), axis=1)
    angle = np.arctan2(x[:, 1], x[:, 0])
    turned = angle - 2 * np.pi * TURNS * radius - np.pi * labels
    np.testing.assert_allclose(np.cos(turned), 1.0, atol=1e-4)


def test_xor_is_one_class_where_the_signs_agree_and_keeps_off_the_axes() -> None:
    x, labels = planar_points("xor", 400, 0.0, 2, 1)
    assert ((x[:, 0] * x[:, 1] < 0) == (labels == 1)).all()
    assert np.abs(x).min() >= GAP - 1e-6
    assert (np.bincount(2 * (x[:, 0] > 0) + (x[:, 1] > 0), minlength=4) > 60).all()


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 6])
def test_every_blob_is_a_disc_of_its_own(classes: int) -> None:
    x, labels = planar_points("blobs", 600, 0.0, classes, 1)
    centres = np.array([x[labels == k].mean(axis=0) for k in range(classes)])
    for k in range(classes):
        assert np.linalg.norm(x[labels == k] - centres[k], axis=1).max() < SPREAD * 1.2
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    assert apart[~np.eye(classes, dtype=bool)].min() > 2 * SPREAD


@pytest.mark.parametrize("name", PLANAR)
def test_a_run_gets_its_points_from_its_seed_and_trains_on_them(name: str) -> None:
    config = RunConfig.demo(dataset=name, train_size=100, label_noise=0.0, epochs=1, blob_classes=4)
    dataset = dataset_of(config)
    assert (len(dataset.training), len(dataset.validation), dataset.test) == (2_000, 1_000, None)
    assert dataset.classes == len(dataset.class_names) == classes_in(name, 4)
    assert dataset_of(config) is dataset
    both = np.concatenate([dataset.training.x, dataset.validation.x])
    assert both.tolist() == planar_points(name, 3_000, config.data_noise, dataset.classes, config.seed)[0].tolist()
    other = dataset_of(RunConfig.from_dict({**config.to_dict(), "seed": 2}))
    assert other.training.x.tolist() != dataset.training.x.tolist()
    *_, last = train(config, select(config, dataset))
    assert np.isfinite(last.evaluation.cost)


def test_the_number_of_blobs_is_nothing_to_the_other_sets() -> None:
    assert dataset_of(RunConfig.demo(dataset="moons", blob_classes=2)) is dataset_of(
        RunConfig.demo(dataset="moons", blob_classes=6)
    )


def test_the_default_noise_lets_a_hundred_points_be_overfitted_and_l2_helps() -> None:
    def last(l2: float) -> tuple[float, float]:
        config = RunConfig(
            dataset="circles",
            train_size=100,
            label_noise=0.0,
            activation="tanh",
            drop_probability=0.0,
            learning_rate=0.1,
            l2=l2,
            epochs=600,
        )
        *_, snapshot = train(config, select(config, dataset_of(config)))
        return snapshot.training.accuracy, snapshot.evaluation.accuracy

    training, validation = last(0.0)
    assert training - validation > 0.06
    assert last(1.0)[1] > validation + 0.01


def test_a_generated_set_has_no_points_without_a_seed() -> None:
    with pytest.raises(FieldError, match=r"moons: it is drawn from the seed of a run, use dataset_of") as caught:
        load_dataset("moons")
    assert caught.value.field == "dataset"
    with pytest.raises(FieldError, match="name must be one of moons"):
        planar_points("digits", 5, 0.1, 2, 1)
