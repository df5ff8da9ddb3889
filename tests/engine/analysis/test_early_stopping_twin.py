"""Early stopping compared with a penalty, for a cost with a known solution and for a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import FieldError, RunConfig, Training, select
from engine.analysis.early_stopping_twin import predicted_stop, replaceable_penalties, twin_penalty, weight_distances
from engine.families.penalties import PENALTIES


def test_for_a_quadratic_cost_the_closest_step_is_the_predicted_one():
    # Cost ½ a (w − 1)²: gradient descent from 0 gives 1 − (1 − ηa)^τ, and L2 with λ/n = α gives a/(a + α).
    # They are equal if (1 − ηa)^τ = α/(a + α), so τ ≈ 1/(ηα) for a ≪ α (Goodfellow et al. 7.8).
    eta, a, alpha = 0.01, 0.02, 1.0
    w, path = 0.0, []
    for _ in range(400):
        path.append(np.array([w]))
        w -= eta * a * (w - 1)
    found = weight_distances(range(400), path, np.array([a / (a + alpha)]), 1)
    assert found.step == round(np.log(alpha / (a + alpha)) / np.log(1 - eta * a))
    assert found.step == pytest.approx(1 / (eta * alpha), rel=0.02)
    assert found.relative < 0.01


def test_distances_are_those_of_the_weights_without_biases():
    flats = [np.array([1.0, 2.0, 50.0]), np.array([3.0, 5.0, -9.0])]
    found = weight_distances([0, 7], flats, np.array([3.0, 4.0, 0.0]), 2)
    np.testing.assert_allclose(found.distances, [np.hypot(2, 2), 1.0])
    assert (found.step, found.length, found.relative) == (7, 5.0, 0.2)


def test_a_network_without_l2_approaches_its_twin_and_moves_away(digits):
    plain = RunConfig.demo(l2=0.0, drop_probability=0.0, epochs=60)
    penalized = replace(plain, l2=5.0)
    assert twin_penalty(plain, penalized).field == "l2"
    paths = {}
    for config in (plain, penalized):
        training = Training(config, select(config, digits))
        path = [(0, training.parameters.flat.copy())]
        while not training.finished:
            training.run(training.steps_per_epoch)
            path.append((training.step, training.parameters.flat.copy()))
        paths[config.l2] = path
    count = training.parameters.weight_count
    found = weight_distances(*zip(*paths[0.0], strict=True), paths[5.0][-1][1], count)
    assert 0 < found.closest < 60
    assert found.distances[found.closest] < 0.7 * found.distances[-1]


PLAIN = RunConfig.demo(l2=0.0, drop_probability=0.0)
OTHER_SETTINGS = {
    "seed": 2,
    "hidden": (5,),
    "train_size": 100,
    "learning_rate": 0.1,
    "mini_batch_size": 7,
    "epochs": 3,
    "drop_probability": 0.5,
    "halve_after": 3,
    "expand": True,
    "pixel_noise": 0.1,
}


@pytest.mark.parametrize(("field", "value"), OTHER_SETTINGS.items())
def test_runs_that_differ_in_another_setting_are_refused(field, value):
    with pytest.raises(FieldError, match=f"^{field} must be the same in both runs"):
        twin_penalty(PLAIN, replace(PLAIN, **{"l2": 1.0, field: value}))


@pytest.mark.parametrize("other", [field for field in PENALTIES if field != "l2"])
def test_runs_with_a_second_penalty_are_refused(other):
    with pytest.raises(FieldError, match=r"^penalized must have exactly one penalty"):
        twin_penalty(PLAIN, replace(PLAIN, **{"l2": 1.0, other: 1.0}))
    with pytest.raises(FieldError, match=r"^plain must have no regularizer"):
        twin_penalty(replace(PLAIN, **{other: 1.0}), replace(PLAIN, **{"l2": 1.0, other: 1.0}))


@pytest.mark.parametrize("field", PENALTIES)
def test_a_penalty_is_accepted_exactly_if_it_has_an_equivalent_stop(field):
    penalized = replace(PLAIN, **{field: 1.0})
    stop = PENALTIES[field].of(1.0, 500).equivalent_early_stopping(PLAIN.learning_rate)
    if stop is None:
        for call in (lambda: twin_penalty(PLAIN, penalized), lambda: predicted_stop(penalized, 500)):
            with pytest.raises(FieldError, match="take L2"):
                call()
    else:
        assert twin_penalty(PLAIN, penalized) is PENALTIES[field]
        assert predicted_stop(penalized, 500) == stop
        assert PENALTIES[field].name in replaceable_penalties()


def test_equal_runs_and_runs_with_dropout_are_refused():
    with pytest.raises(FieldError, match=r"^penalized must have exactly one penalty, got no regularization"):
        twin_penalty(PLAIN, PLAIN)
    with_dropout = replace(PLAIN, drop_probability=0.5)
    with pytest.raises(FieldError, match=r"^plain must have no regularizer, got dropout ½"):
        twin_penalty(with_dropout, replace(with_dropout, l2=1.0))


def test_networks_of_different_sizes_and_empty_paths_are_refused():
    with pytest.raises(FieldError, match="same network"):
        weight_distances([0], [np.zeros(3)], np.zeros(4), 2)
    with pytest.raises(FieldError, match="one entry for each"):
        weight_distances([], [], np.zeros(4), 2)


def test_the_prediction_of_l2_is_n_over_eta_lambda():
    assert predicted_stop(RunConfig.demo(l2=2.0, learning_rate=0.5), 500) == (500, "n/(ηλ)")
    for config in (PLAIN, replace(PLAIN, l1=1.0), replace(PLAIN, l2=1.0, l1=1.0)):
        with pytest.raises(FieldError, match="must have one penalty that early stopping can replace"):
            predicted_stop(config, 500)


@pytest.mark.parametrize(("eta", "lmbda", "n"), [(0.5, 2.0, 1000), (0.1, 5.0, 4000)])
def test_in_the_predicted_time_l2_alone_divides_a_weight_by_e(eta, lmbda, n):
    weight = 1.0
    for _ in range(round(predicted_stop(RunConfig.demo(learning_rate=eta, l2=lmbda), n).updates)):
        weight *= 1 - eta * lmbda / n
    assert weight == pytest.approx(np.exp(-1), rel=0.01)


def test_penalties_without_effect_are_not_a_difference():
    plain = RunConfig(hidden=(), group_lasso=1.0)
    assert twin_penalty(plain, RunConfig(hidden=(), l2=1.0)).field == "l2"
    assert twin_penalty(RunConfig(), RunConfig(l2=1.0, l1_rule="clip")).field == "l2"
