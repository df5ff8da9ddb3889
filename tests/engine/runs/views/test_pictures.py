"""Incoming weights as levels of a picture, and back."""

from __future__ import annotations

import numpy as np

from engine.runs.views.confusion import MISTAKES, confusion_of
from engine.runs.views.pictures import MOST, PIXELS, ZERO, pictures_of
from tests.engine.runs.driving import small
from tests.engine.runs.views.test_committee import scene_after


def test_a_tile_is_a_neurons_incoming_weights_laid_out_as_the_image():
    scene = scene_after(small(epochs=100, hidden=(50,)), 20)
    found = pictures_of(scene)
    assert len(found.neurons) == MOST
    assert found.of == 50
    for neuron, tile in zip(found.neurons, found.tiles, strict=True):
        for row in range(8):
            for column in range(8):
                weight = float(scene.parameters.weights[0][8 * row + column, neuron])
                drawn = (int(tile[row, column]) - ZERO) / ZERO * found.limit
                assert abs(drawn - np.clip(weight, -found.limit, found.limit)) <= found.limit / ZERO


def test_all_pictures_together_stay_small():
    found = pictures_of(scene_after(small(epochs=100, hidden=(20,)), 5))
    assert found.tiles.size <= PIXELS
    assert len(found.tiles) == 20


def test_there_are_none_of_points_in_a_plane_nor_without_hidden_neurons():
    assert pictures_of(scene_after(small(dataset="spirals", epochs=100), 3)) is None
    assert pictures_of(scene_after(small(hidden=(), epochs=100), 3)) is None


def test_the_confusion_is_counted_among_the_judges_examples_and_its_mistakes_are_theirs():
    scene = scene_after(small(epochs=100), 40)
    found = confusion_of(scene)
    judge = scene.data.judge
    assert found.size == len(judge.labels)
    assert found.whole
    assert found.matrix.sum(axis=1).tolist() == np.bincount(judge.labels, minlength=10).tolist()
    assert 0 < len(found.mistakes) <= MISTAKES
    for mistake, picture in zip(found.mistakes, found.pictures, strict=True):
        assert judge.labels[mistake.example] == mistake.label != mistake.answer
        image = judge.x[mistake.example].reshape(8, 8)
        assert np.corrcoef(image.ravel(), picture.ravel())[0, 1] > 0.999
    assert confusion_of(scene_after(small(dataset="moons", epochs=100), 3)).pictures is None
