"""Early stopping against L2: where the answer is known by hand, and in a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import FieldError, RunConfig, Training, select
from engine.analysis.nearest_to_l2 import check_twins, nearest, predicted_steps


def test_on_a_bowl_the_nearest_moment_is_the_one_that_the_book_predicts():
    # cost ½ a (w − 1)²: gradient descent from 0 is at 1 − (1 − ηa)^τ, L2 with λ/n = α ends at a/(a + α).
    # They are equal where (1 − ηa)^τ = α/(a + α), and τ ≈ 1/(ηα) for a ≪ α (Goodfellow et al. 7.8).
    eta, a, alpha = 0.01, 0.02, 1.0
    w, path = 0.0, []
    for _ in range(400):
        path.append(np.array([w]))
        w -= eta * a * (w - 1)
    found = nearest(range(400), path, np.array([a / (a + alpha)]), 1)
    assert found.step == round(np.log(alpha / (a + alpha)) / np.log(1 - eta * a))
    assert found.step == pytest.approx(1 / (eta * alpha), rel=0.02)
    assert found.relative < 0.01


def test_biases_are_left_out_and_distances_are_what_a_loop_finds():
    flats = [np.array([1.0, 2.0, 50.0]), np.array([3.0, 5.0, -9.0])]
    found = nearest([0, 7], flats, np.array([3.0, 4.0, 0.0]), 2)
    np.testing.assert_allclose(found.distances, [np.hypot(2, 2), 1.0])
    assert (found.step, found.length, found.relative) == (7, 5.0, 0.2)


def test_a_network_without_l2_comes_nearest_to_its_twin_on_its_way_and_then_leaves_it(digits):
    plain = RunConfig.demo(l2=0.0, drop_probability=0.0, epochs=60)
    shrunk = replace(plain, l2=5.0)
    check_twins(plain, shrunk)
    ends = {}
    for config in (plain, shrunk):
        training = Training(config, select(config, digits))
        path = [(0, training.parameters.flat.copy())]
        while not training.finished:
            training.run(training.steps_per_epoch)
            path.append((training.step, training.parameters.flat.copy()))
        ends[config.l2] = path
    count = training.parameters.weight_count
    found = nearest(*zip(*ends[0.0], strict=True), ends[5.0][-1][1], count)
    assert 0 < found.at < 60
    assert found.distances[found.at] < 0.7 * found.distances[-1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seed": 2}, "seed"),
        ({"hidden": (5,)}, "hidden"),
        ({"train_size": 100}, "train_size"),
        ({"l2": 0.0}, "l2"),
    ],
)
def test_runs_that_are_no_twins_are_refused(changes, field):
    plain = RunConfig.demo(l2=0.0, drop_probability=0.0)
    with pytest.raises(FieldError, match=f"^{field} "):
        check_twins(plain, replace(plain, l2=1.0) if not changes else replace(plain, **{"l2": 1.0, **changes}))


def test_a_run_with_dropout_is_not_one_without_regularizers():
    with pytest.raises(FieldError, match="every other regularizer must be off"):
        check_twins(RunConfig.demo(l2=0.0), RunConfig.demo(l2=1.0))


def test_networks_of_different_sizes_and_no_moments_are_refused():
    with pytest.raises(FieldError, match="same network"):
        nearest([0], [np.zeros(3)], np.zeros(4), 2)
    with pytest.raises(FieldError, match="one for each"):
        nearest([], [], np.zeros(4), 2)


def test_the_prediction_is_n_over_eta_lambda():
    assert predicted_steps(RunConfig.demo(l2=2.0, learning_rate=0.5), 500) == 500
    with pytest.raises(FieldError, match="l2 must be on"):
        predicted_steps(RunConfig.demo(l2=0.0), 500)
