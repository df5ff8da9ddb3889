"""Generated sets: their shapes compared with formulas, and the effects of seed, noise and size."""

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


def test_only_blobs_has_a_free_number_of_classes() -> None:
    assert [name for name, planar in PLANAR.items() if planar.classes is None] == ["blobs"]
    assert {classes_in(name) for name in ("moons", "circles", "spirals", "xor")} == {2}


@pytest.mark.parametrize("name", PLANAR)
def test_without_noise_points_fill_the_square_from_minus_1_to_1(name: str) -> None:
    x, _ = planar_points(name, 2_000, 0.0, classes_in(name), 1)
    assert x.dtype == np.float32
    assert np.abs(x).max() <= 1.000001
    assert np.ptp(x, axis=0).max() > 1.4


@given(name=NAMES, n=st.integers(1, 300), classes=st.integers(2, 6), seed=st.integers(0, 2**63 - 1))
def test_the_first_points_are_balanced_and_independent_of_n(name: str, n: int, classes: int, seed: int) -> None:
    k = classes_in(name, classes)
    x, labels = planar_points(name, n, 0.2, k, seed)
    counts = np.bincount(labels, minlength=k)
    assert counts.max() - counts.min() <= 1
    more, more_labels = planar_points(name, n + 50, 0.2, k, seed)
    assert more[:n].tolist() == x.tolist()
    assert more_labels[:n].tolist() == labels.tolist()


@given(name=NAMES, low=st.floats(0, 0.5), high=st.floats(0, 0.5), seed=st.integers(0, 1000))
def test_more_noise_moves_points_further_in_the_same_direction(name: str, low: float, high: float, seed: int) -> None:
    clean, slightly, strongly = (planar_points(name, 60, noise, 2, seed)[0].astype(float) for noise in (0.0, low, high))
    np.testing.assert_allclose((slightly - clean) * high, (strongly - clean) * low, atol=1e-6)


def test_the_noise_has_the_given_standard_deviation() -> None:
    clean, noisy = (planar_points("moons", 20_000, noise, 2, 3)[0].astype(float) for noise in (0.0, 0.3))
    np.testing.assert_allclose((noisy - clean).std(axis=0), 0.3, rtol=0.02)
    np.testing.assert_allclose((noisy - clean).mean(axis=0), 0.0, atol=0.01)


def test_each_seed_gives_other_points() -> None:
    assert len({planar_points("xor", 10, 0.1, 2, seed)[0].tobytes() for seed in range(20)}) == 20


def test_moons_are_two_half_circles() -> None:
    x, labels = planar_points("moons", 400, 0.0, 2, 1)
    for point, label in zip(x.astype(float) * 1.5, labels, strict=True):
        across, up = point[0] + 0.5, point[1] + 0.25
        if label == 0:
            assert np.hypot(across, up) == pytest.approx(1, abs=1e-5)
            assert up >= -1e-6
        else:
            assert np.hypot(across - 1, up - 0.5) == pytest.approx(1, abs=1e-5)
            assert up <= 0.5 + 1e-6


def test_the_circles_have_radii_1_and_0_5() -> None:
    x, labels = planar_points("circles", 400, 0.0, 2, 1)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), np.where(labels == 0, 1.0, 0.5), rtol=1e-5)


def test_spirals_are_opposite_and_their_angle_grows_with_the_radius() -> None:
    x, labels = planar_points("spirals", 400, 0.0, 2, 1)
    radius = np.linalg.norm(x.astype(float), axis=1)
    angle = np.arctan2(x[:, 1], x[:, 0])
    turned = angle - 2 * np.pi * TURNS * radius - np.pi * labels
    np.testing.assert_allclose(np.cos(turned), 1.0, atol=1e-4)


def test_xor_classes_depend_on_equal_signs_with_a_gap_at_the_axes() -> None:
    x, labels = planar_points("xor", 400, 0.0, 2, 1)
    assert ((x[:, 0] * x[:, 1] < 0) == (labels == 1)).all()
    assert np.abs(x).min() >= GAP - 1e-6
    assert (np.bincount(2 * (x[:, 0] > 0) + (x[:, 1] > 0), minlength=4) > 60).all()


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 6])
def test_blobs_are_separate_discs(classes: int) -> None:
    x, labels = planar_points("blobs", 600, 0.0, classes, 1)
    centers = np.array([x[labels == k].mean(axis=0) for k in range(classes)])
    for k in range(classes):
        assert np.linalg.norm(x[labels == k] - centers[k], axis=1).max() < SPREAD * 1.2
    distances = np.linalg.norm(centers[:, None] - centers[None], axis=2)
    assert distances[~np.eye(classes, dtype=bool)].min() > 2 * SPREAD


@pytest.mark.parametrize("name", PLANAR)
def test_a_run_draws_its_points_from_its_seed_and_trains_on_them(name: str) -> None:
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


def test_the_number_of_blobs_does_not_affect_other_sets() -> None:
    assert dataset_of(RunConfig.demo(dataset="moons", blob_classes=2)) is dataset_of(
        RunConfig.demo(dataset="moons", blob_classes=6)
    )


def test_a_hundred_points_with_default_noise_overfit_and_l2_helps() -> None:
    def final_accuracies(l2: float) -> tuple[float, float]:
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

    training, validation = final_accuracies(0.0)
    assert training - validation > 0.06
    assert final_accuracies(1.0)[1] > validation + 0.01


def test_a_generated_set_cannot_be_loaded_without_a_seed() -> None:
    with pytest.raises(FieldError, match=r"moons: it is drawn from the seed of a run, use dataset_of") as caught:
        load_dataset("moons")
    assert caught.value.field == "dataset"
    with pytest.raises(FieldError, match="name must be one of moons"):
        planar_points("digits", 5, 0.1, 2, 1)
