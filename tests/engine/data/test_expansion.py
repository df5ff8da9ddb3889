"""Shifted images, compared with a loop over pixels."""

from __future__ import annotations

import numpy as np
import pytest

from engine import FieldError, RunConfig, load_dataset, select
from engine.data import Dataset, Labelled
from engine.data.checks import warnings
from engine.data.expansion import with_shifted_copies


def test_every_image_is_shifted_by_a_pixel_in_four_directions():
    rng = np.random.default_rng(0)
    x = rng.random((3, 12)).astype(np.float32)
    found = with_shifted_copies(x, (3, 4)).reshape(5, 3, 3, 4)
    images = x.reshape(3, 3, 4)
    np.testing.assert_array_equal(found[0], images)
    for part, (down, right) in zip(found[1:], ((-1, 0), (1, 0), (0, -1), (0, 1)), strict=True):
        for i in range(3):
            for row in range(3):
                for column in range(4):
                    from_row, from_column = row - down, column - right
                    inside = 0 <= from_row < 3 and 0 <= from_column < 4
                    assert part[i, row, column] == (images[i, from_row, from_column] if inside else 0)


def test_expansion_gives_five_times_as_many_examples():
    config = RunConfig.demo(train_size=60, expand=True)
    plain = select(RunConfig.demo(train_size=60), load_dataset("digits"))
    data = select(config, load_dataset("digits"))
    assert data.n == 300
    assert data.corrupted.sum() == 5 * plain.corrupted.sum() == 5 * 18
    for part in range(5):
        np.testing.assert_array_equal(data.labels[60 * part : 60 * (part + 1)], plain.labels)


def test_expansion_of_data_without_images_is_refused():
    points = Labelled(np.zeros((20, 2), np.float32), np.arange(20) % 2)
    dataset = Dataset("points", "Points", points, points, None, 2)
    with pytest.raises(FieldError, match="only images can be shifted"):
        select(RunConfig.demo(train_size=20, expand=True), dataset)


def test_a_penalty_that_flips_signs_gives_a_warning():
    assert warnings(RunConfig.demo(l2=900.0), 500) == []
    (warning,) = warnings(RunConfig.demo(l2=1100.0, learning_rate=0.5), 500)
    assert "ηλ/n = 1.1" in warning
    assert "below 1000" in warning
