"""The settings a data set begins with: they can be used, and they show what they are for."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from dashboard.sidebar.suggestions import suited
from engine import RunConfig, Training, dataset_names, dataset_of, select
from engine.analysis.boundary import boundary_grid, extent_of
from engine.data import PLANAR

SEEDS = (1, 2, 3)


@pytest.mark.parametrize("name", ["digits", *PLANAR])
def test_the_settings_of_every_set_that_needs_no_files_can_be_trained_with(name):
    config = suited(name)
    data = select(config, dataset_of(config))
    assert data.dataset.name == name
    assert data.n == config.train_size
    assert data.corrupted.sum() == round(config.label_noise * data.n) > 0, "there is something to memorize"
    assert len(data.judge) >= data.n, "and somebody to judge it"
    assert (config.l2 > 0) != (config.l1 > 0), "and a penalty to switch off"
    assert RunConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize("name", dataset_names())
def test_for_what_is_no_points_in_a_plane_they_are_the_defaults(name):
    assert suited(name) == RunConfig.demo(dataset=name)


@pytest.mark.mnist
def test_those_of_mnist_can_be_trained_with(mnist):
    assert select(suited("mnist"), mnist).n == RunConfig.demo().train_size


@lru_cache
def after_the_run(seed: int, l2: float) -> tuple[float, int]:
    """The share of wrong labels memorized, and how long the boundary is: neighbouring cells that differ."""
    config = replace(suited("spirals"), seed=seed, l2=l2)
    data = select(config, dataset_of(config))
    training = Training(config, data)
    while not training.finished:
        training.run(training.steps_per_epoch)
    corrupted = training.measure().corrupted
    assert corrupted is not None
    grid = boundary_grid(training.inference_parameters(), training.architecture, extent_of(data.x, data.judge.x))
    winner = grid.argmax(axis=2)
    length = np.sum(winner[1:] != winner[:-1]) + np.sum(winner[:, 1:] != winner[:, :-1])
    return corrupted.accuracy, int(length)


@pytest.mark.slow
def test_on_the_spirals_a_network_memorizes_wrong_labels_without_a_penalty_and_not_with_it():
    without = np.mean([after_the_run(seed, 0.0)[0] for seed in SEEDS])
    with_it = np.mean([after_the_run(seed, suited("spirals").l2)[0] for seed in SEEDS])
    assert without > 0.4
    assert with_it < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_penalty_makes_the_boundary_of_the_spirals_shorter(seed):
    assert after_the_run(seed, suited("spirals").l2)[1] < after_the_run(seed, 0.0)[1]
