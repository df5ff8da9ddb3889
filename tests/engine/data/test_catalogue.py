"""The available data sets: digits compared with scikit-learn, MNIST with published numbers."""

from __future__ import annotations

import gzip
import itertools
import struct
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from engine import (
    Dataset,
    FieldError,
    RunConfig,
    Training,
    data_folder,
    dataset_names,
    dataset_of,
    load_dataset,
    select,
)
from engine.analysis.boundary import boundary_grid, extent_of
from engine.data import PLANAR, demo_config

SEEDS = (1, 2, 3)


def test_digits_has_1797_examples_with_500_for_validation(digits: Dataset) -> None:
    assert digits.training.x.shape == (1_297, 64)
    assert digits.validation.x.shape == (500, 64)
    assert digits.test is None
    assert (digits.features, digits.classes, digits.image_shape) == (64, 10, (8, 8))
    assert digits.training.x.dtype == np.float32
    x = np.concatenate([digits.training.x, digits.validation.x])
    assert set((x * 16).ravel()) == set(range(17))


@pytest.mark.dev
def test_digits_equals_the_digits_of_scikit_learn(digits: Dataset) -> None:
    sklearn = pytest.importorskip("sklearn.datasets", reason="scikit-learn contains the same images; pip install it")
    theirs = sklearn.load_digits()
    x = np.concatenate([digits.training.x, digits.validation.x])
    labels = np.concatenate([digits.training.labels, digits.validation.labels])
    ours = Counter((tuple(row), int(k)) for row, k in zip((x * 16).astype(int).tolist(), labels, strict=True))
    assert ours == Counter(
        (tuple(row), int(k)) for row, k in zip(theirs.data.astype(int).tolist(), theirs.target, strict=True)
    )
    assert ours.total() == 1_797


def test_every_digit_is_about_equally_frequent_in_both_parts(digits: Dataset) -> None:
    for part in (digits.training, digits.validation):
        counts = np.bincount(part.labels, minlength=10)
        assert (np.abs(counts - len(part) / 10) < 5 * np.sqrt(len(part) * 0.09)).all()


def test_a_data_set_is_loaded_once(digits: Dataset) -> None:
    assert load_dataset("digits") is digits


def test_an_unknown_name_is_refused_with_the_available_names() -> None:
    assert {"digits", "mnist"} <= set(dataset_names())
    with pytest.raises(FieldError) as caught:
        load_dataset("minst")
    assert caught.value.field == "dataset"
    assert "'minst'" in str(caught.value)
    assert all(name in str(caught.value) for name in dataset_names())


def test_the_data_folder_depends_on_environment_and_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv("REGSCOPE_DATA")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert data_folder() == tmp_path / "share" / "regscope"


FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def small_mnist(folder: Path) -> Path:
    """The four files of MNIST with 60 and 30 images; every pixel of an image is its label."""
    (folder / "mnist").mkdir()
    for name, n in zip(FILES, (60, 60, 30, 30), strict=True):
        labels = bytes(i % 10 for i in range(n))
        if "images" in name:
            body = b"\0\0\x08\x03" + struct.pack(">III", n, 28, 28) + b"".join(bytes([k]) * 784 for k in labels)
        else:
            body = b"\0\0\x08\x01" + struct.pack(">I", n) + labels
        (folder / "mnist" / name).write_bytes(body)
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_family: None) -> Path:
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("zipped", [(), FILES[:1], FILES])
def test_mnist_is_read_from_its_four_files_compressed_or_not(folder: Path, zipped: tuple[str, ...]) -> None:
    mnist = small_mnist(folder) / "mnist"
    for name in zipped:
        (mnist / f"{name}.gz").write_bytes(gzip.compress((mnist / name).read_bytes()))
        (mnist / name).unlink()
    dataset = load_dataset("mnist")
    assert dataset.test is not None
    assert [len(part) for part in (dataset.training, dataset.validation, dataset.test)] == [40, 20, 30]
    for part in (dataset.training, dataset.validation, dataset.test):
        assert part.labels.tolist() == [i % 10 for i in range(len(part))]
        assert (part.x == part.labels[:, None] / 256).all()


@pytest.mark.parametrize("missing", FILES)
def test_a_missing_file_is_reported_with_its_folder(folder: Path, missing: str) -> None:
    (small_mnist(folder) / "mnist" / missing).unlink()
    with pytest.raises(FieldError) as caught:
        load_dataset("mnist")
    assert missing in str(caught.value)
    assert str(folder / "mnist") in str(caught.value)
    assert "REGSCOPE_DATA" in str(caught.value)
    assert "regscope data fetch mnist" in str(caught.value)


@pytest.mark.parametrize("damaged", FILES)
def test_a_damaged_file_is_reported(folder: Path, damaged: str) -> None:
    path = small_mnist(folder) / "mnist" / damaged
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FieldError) as caught:
        load_dataset("mnist")
    assert caught.value.field == str(path)


@pytest.mark.parametrize(("place", "file"), list(itertools.permutations(FILES, 2)))
def test_a_file_under_another_name_is_refused(folder: Path, place: str, file: str) -> None:
    mnist = small_mnist(folder) / "mnist"
    (mnist / place).write_bytes((mnist / file).read_bytes())
    with pytest.raises(FieldError, match="of mnist"):
        load_dataset("mnist")


def test_label_files_under_the_names_of_images_are_refused(folder: Path) -> None:
    mnist = small_mnist(folder) / "mnist"
    for images, labels in (FILES[:2], FILES[2:]):
        (mnist / images).write_bytes((mnist / labels).read_bytes())
    with pytest.raises(FieldError, match="image_shape of mnist"):
        load_dataset("mnist")


@pytest.mark.mnist
def test_mnist_is_split_50000_10000_10000_in_file_order(mnist: Dataset) -> None:
    assert mnist.test is not None
    assert [part.x.shape for part in (mnist.training, mnist.validation, mnist.test)] == [
        (50_000, 784),
        (10_000, 784),
        (10_000, 784),
    ]
    assert mnist.training.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    # published counts of the digits in the 60,000
    labels = np.concatenate([mnist.training.labels, mnist.validation.labels])
    assert np.bincount(labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert (mnist.classes, mnist.image_shape) == (10, (28, 28))


@pytest.mark.mnist
def test_the_pixels_of_mnist_are_bytes_divided_by_256(mnist: Dataset) -> None:
    assert mnist.test is not None
    for part in (mnist.training, mnist.validation, mnist.test):
        assert part.x.dtype == np.float32
        scaled = part.x[:2_000] * 256
        assert (scaled == np.rint(scaled)).all()
        assert (scaled.min(), scaled.max()) == (0, 255)
    # 175 pixels are zero in the first 1,000 images
    assert (~mnist.training.x[:1_000].any(axis=0)).sum() == 175


# Demonstrations


@pytest.mark.parametrize("name", ["digits", *PLANAR])
def test_the_demonstration_of_a_built_in_set_can_be_trained(name):
    config = demo_config(name)
    data = select(config, dataset_of(config))
    assert data.dataset.name == name
    assert data.n == config.train_size
    assert data.corrupted.sum() == round(config.label_noise * data.n) > 0, "some labels are corrupted"
    assert len(data.evaluation) >= data.n, "validation is at least as large as training"
    assert (config.l2 > 0) != (config.l1 > 0), "exactly one penalty is on"
    assert RunConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize("name", dataset_names())
def test_a_set_that_is_not_planar_has_the_default_demonstration(name):
    assert demo_config(name) == RunConfig.demo(dataset=name)


@pytest.mark.mnist
def test_the_demonstration_of_mnist_can_be_trained(mnist):
    assert select(demo_config("mnist"), mnist).n == RunConfig.demo().train_size


@lru_cache
def train_on_spirals(seed: int, l2: float) -> tuple[float, int]:
    """Train on the spirals; return the share of memorized wrong labels and the length of the boundary.

    The length is the number of neighboring cells with different classes.
    """
    config = replace(demo_config("spirals"), seed=seed, l2=l2)
    data = select(config, dataset_of(config))
    training = Training(config, data)
    while not training.finished:
        training.run(training.steps_per_epoch)
    corrupted = training.measure().corrupted
    assert corrupted is not None
    grid = boundary_grid(training.inference_parameters(), training.architecture, extent_of(data.x, data.evaluation.x))
    winner = grid.argmax(axis=2)
    length = np.sum(winner[1:] != winner[:-1]) + np.sum(winner[:, 1:] != winner[:, :-1])
    return corrupted.accuracy, int(length)


@pytest.mark.slow
def test_on_the_spirals_only_a_penalty_prevents_memorizing_wrong_labels():
    without_l2 = np.mean([train_on_spirals(seed, 0.0)[0] for seed in SEEDS])
    with_l2 = np.mean([train_on_spirals(seed, demo_config("spirals").l2)[0] for seed in SEEDS])
    assert without_l2 > 0.4
    assert with_l2 < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_penalty_shortens_the_boundary_of_the_spirals(seed):
    assert train_on_spirals(seed, demo_config("spirals").l2)[1] < train_on_spirals(seed, 0.0)[1]
