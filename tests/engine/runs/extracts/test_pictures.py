"""Incoming weights and mistakes as pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import Dataset, Labelled, Parameters, RunConfig, RunData, select
from engine.runs.extracts.confusion import MAX_EXAMPLES, MAX_MISTAKES, confusion_of
from engine.runs.extracts.pictures import MAX_NEURONS, MAX_PIXELS, ZERO_LEVEL, pictures_of
from engine.runs.extracts.run_state import RunState
from tests.engine.runs.driving import small
from tests.engine.runs.extracts.test_committee import run_state_after


def test_a_picture_has_the_incoming_weights_of_a_neuron_as_pixels():
    run_state = run_state_after(small(epochs=100, hidden=(50,)), 20)
    found = pictures_of(run_state)
    assert len(found.neurons) == MAX_NEURONS
    assert found.layer_width == 50
    for neuron, picture in zip(found.neurons, found.images, strict=True):
        for row in range(8):
            for column in range(8):
                weight = float(run_state.parameters.weights[0][8 * row + column, neuron])
                drawn = (int(picture[row, column]) - ZERO_LEVEL) / ZERO_LEVEL * found.limit
                assert abs(drawn - np.clip(weight, -found.limit, found.limit)) <= found.limit / ZERO_LEVEL


def test_the_total_size_of_the_pictures_is_bounded():
    found = pictures_of(run_state_after(small(epochs=100, hidden=(20,)), 5))
    assert found.images.size <= MAX_PIXELS
    assert len(found.images) == 20


def test_points_and_networks_without_hidden_neurons_have_no_pictures():
    assert pictures_of(run_state_after(small(dataset="spirals", epochs=100), 3)) is None
    assert pictures_of(run_state_after(small(hidden=(), epochs=100), 3)) is None


def test_confusion_is_counted_on_the_evaluation_set():
    run_state = run_state_after(small(epochs=100), 40)
    found = confusion_of(run_state)
    evaluation = run_state.data.evaluation
    assert found.example_count == len(evaluation.labels)
    assert found.is_whole_set
    assert found.matrix.sum(axis=1).tolist() == np.bincount(evaluation.labels, minlength=10).tolist()
    assert 0 < len(found.mistakes) <= MAX_MISTAKES
    for mistake, picture in zip(found.mistakes, found.pictures, strict=True):
        assert evaluation.labels[mistake.example] == mistake.label != mistake.predicted
        image = evaluation.x[mistake.example].reshape(8, 8)
        assert np.corrcoef(image.ravel(), picture.ravel())[0, 1] > 0.999
    assert confusion_of(run_state_after(small(dataset="moons", epochs=100), 3)).pictures is None


def run_state_of(shape: tuple[int, int], examples: int = 30, **changes) -> RunState:
    """The state of a run of random images before the first update, with all weights 0."""
    rng = np.random.default_rng(3)
    parts = [Labelled(rng.random((n, shape[0] * shape[1]), dtype=np.float32), np.arange(n) % 3) for n in (12, examples)]
    config = RunConfig.demo(dataset="toy", train_size=None, label_noise=0.0, **{"hidden": (40,), **changes})
    data: RunData = select(config, Dataset("toy", "Toy", *parts, None, 3, image_shape=shape))
    parameters = Parameters.empty((shape[0] * shape[1], *config.hidden, 3), "float32")
    return RunState(config, config, (), data, parameters, 0)


def test_a_few_weights_among_zeros_are_drawn_in_full_color():
    run_state = run_state_of((8, 8))
    W = run_state.parameters.weights[0]
    W[11, 0], W[12, 0] = 0.3, -0.15
    found = pictures_of(run_state)
    assert found.limit == pytest.approx(0.3)
    assert found.images[0, 1, 3] == 2 * ZERO_LEVEL
    assert found.images[0, 1, 4] == pytest.approx(ZERO_LEVEL / 2, abs=1)
    assert (found.images != ZERO_LEVEL).sum() == 2
    assert (pictures_of(run_state_of((8, 8))).images == ZERO_LEVEL).all(), "all weights are 0"


def test_only_the_first_examples_of_a_large_evaluation_set_are_used():
    run_state = run_state_of((2, 2), examples=MAX_EXAMPLES + 7)
    found = confusion_of(run_state)
    assert (found.example_count, found.is_whole_set) == (MAX_EXAMPLES, False)
    first = run_state.data.evaluation.labels[:MAX_EXAMPLES]
    assert found.matrix[:, 0].tolist() == [list(first).count(k) for k in range(3)], "equal outputs count as class 0"
    small_set = confusion_of(
        replace(
            run_state, data=replace(run_state.data, evaluation=Labelled(run_state.data.evaluation.x[:9], first[:9]))
        )
    )
    assert (small_set.example_count, small_set.is_whole_set) == (9, True)


@pytest.mark.parametrize(
    ("shape", "pixel_interval"), [((28, 28), 1), ((36, 36), 1), ((40, 40), 2), ((70, 70), 2), ((20, 250), 2)]
)
def test_large_images_are_drawn_with_every_second_pixel(shape, pixel_interval):
    run_state = run_state_of(shape)
    found = confusion_of(run_state)
    for mistake, picture in zip(found.mistakes, found.pictures, strict=True):
        image = run_state.data.evaluation.x[mistake.example].reshape(shape)
        for row in range(picture.shape[0]):
            expected = [image[row * pixel_interval, column * pixel_interval] for column in range(picture.shape[1])]
            np.testing.assert_allclose(picture[row] / 255, expected, atol=0.01)
        assert picture.shape == (-(-shape[0] // pixel_interval), -(-shape[1] // pixel_interval))
