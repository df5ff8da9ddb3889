"""Every data set of the tables works in all parts of the engine. A new data set is tested without changes here."""

from __future__ import annotations

import numpy as np
import pytest

from engine import FieldError, RunConfig, dataset_names, dataset_of, load_dataset, select, train
from engine.data import PLANAR, class_balance, dataset_titles, downloadable_datasets, gallery
from engine.data.planar import planar_points

every_generated_set = pytest.mark.parametrize("name", PLANAR)
every_set_without_files = pytest.mark.parametrize(
    "name",
    [*PLANAR, *(name for name in dataset_names() if name not in {each.name for each in downloadable_datasets()})],
)


def config_of(name: str, **changes: object) -> RunConfig:
    return RunConfig(dataset=name, train_size=60, hidden=(8,), epochs=1, **changes)


def test_every_set_has_a_unique_name_and_title():
    titles = dataset_titles()
    assert list(titles) == [*dataset_names(), *PLANAR]
    assert len(set(titles.values())) == len(titles)
    assert all(title[0].isupper() for title in titles.values())


@every_set_without_files
def test_a_run_trains_on_it(name):
    config = config_of(name)
    dataset = dataset_of(config)
    assert (dataset.name, dataset.title) == (name, dataset_titles()[name])
    assert dataset_of(config) is dataset, "loaded once"
    data = select(config, dataset)
    *_, last = train(config, data)
    assert np.isfinite(last.evaluation.cost)
    labels = np.concatenate([dataset.training.labels, dataset.validation.labels])
    assert set(labels.tolist()) == set(range(dataset.classes))


@every_set_without_files
def test_its_examples_are_shown_in_the_gallery(name):
    config = config_of(name, label_noise=0.2)
    data = select(config, dataset_of(config))
    found = gallery(data, 12, 0, False)
    assert len(found.labels) == 12
    assert (found.images is None) == (data.dataset.image_shape is None)
    assert class_balance(data).labels.sum() == 60


@every_generated_set
def test_its_points_are_a_function_of_the_seed_and_balanced(name):
    classes = PLANAR[name].classes_of(4)
    x, labels = planar_points(name, 600, 0.0, classes, 1)
    assert (x.shape, x.dtype) == ((600, 2), np.float32)
    assert np.abs(x).max() <= 1.000001
    assert np.ptp(x, axis=0).max() > 1.4
    counts = np.bincount(labels, minlength=classes)
    assert counts.max() - counts.min() <= 1
    repeated, more = planar_points(name, 600, 0.0, classes, 1)[0], planar_points(name, 700, 0.0, classes, 1)[0]
    assert x.tobytes() == repeated.tobytes() == more[:600].tobytes()
    assert x.tobytes() != planar_points(name, 600, 0.0, classes, 2)[0].tobytes()


@every_generated_set
def test_without_noise_the_nearest_point_has_the_same_class(name):
    x, labels = planar_points(name, 2_000, 0.0, PLANAR[name].classes_of(3), 1)
    queries, others = x[:300].astype(float), x[300:].astype(float)
    nearest = np.linalg.norm(queries[:, None] - others[None], axis=2).argmin(axis=1)
    assert (labels[300:][nearest] == labels[:300]).mean() > 0.9, "the classes have a shape"


@every_generated_set
def test_it_cannot_be_loaded_without_a_seed(name):
    with pytest.raises(FieldError, match=f"{name}: it is drawn from the seed of a run, use dataset_of"):
        load_dataset(name)
