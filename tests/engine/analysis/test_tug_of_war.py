"""The prediction of the next update, compared with training and with the formulas for single weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import RunConfig, Training, masks, select
from engine.analysis import tug_of_war
from engine.data import RunData
from engine.learning.early_stopping import EarlyStopping
from tests.engine import by_hand
from tests.engine.toys import toy_config, toy_dataset, toy_training

RULES = {
    "none": {},
    "L2": {"l2": 0.7},
    "L2 beyond ηλ/n = 1": {"l2": 30.0},
    "L1": {"l1": 0.4},
    "L1 clipped": {"l1": 0.4, "l1_rule": "clip"},
    "L1 proximal": {"l1": 0.4, "l1_rule": "proximal"},
    "elastic net": {"l1": 0.4, "l2": 0.7},
    "elastic net, clipped": {"l1": 0.4, "l2": 0.7, "l1_rule": "clip"},
    "elastic net, proximal": {"l1": 0.4, "l2": 0.7, "l1_rule": "proximal"},
    "max-norm": {"max_norm": 0.5},
    "all at once": {"max_norm": 0.5, "l1": 0.4, "l2": 0.7, "l1_rule": "proximal"},
}
NETWORKS: dict[str, dict[str, Any]] = {
    "no dropout": {},
    "no hidden layer": {"hidden": ()},
    "dropout": {"drop_probability": 0.4, "hidden": (5, 6)},
    "a mask for each example": {"drop_probability": 0.4, "dropout_mask": "example", "dropout_scaling": "inverted"},
    "Bernoulli masks of the inputs": {"input_drop_probability": 0.3, "dropout_count": "bernoulli"},
    "softmax and tanh": {"cost": "log-likelihood", "activation": "tanh", "hidden": (4, 4)},
}
STEPS = [0, 3, 6]  # after step 3 follows the short last mini-batch of an epoch


def run_to(config: RunConfig, step: int) -> Training:
    training = toy_training(config)
    while training.step < step:
        training.run(step - training.step)
    return training


def weights_after_update(training: Training, **changes: Any) -> np.ndarray:
    """All weights after one more update of the run with changed settings."""
    checkpoint = replace(training.checkpoint(), initial_config=replace(training.current_config, **changes), changes=())
    other = Training.resume(checkpoint, training.data)
    assert other.run(1) == 1
    return other.parameters.flat_weights.copy()


def next_update_of(training: Training) -> tug_of_war.NextUpdate:
    update = tug_of_war.next_update(training.current_config, training.data, training.parameters, training.step)
    assert update is not None
    return update


def flat(layers: Any) -> np.ndarray:
    return np.concatenate([np.ravel(W) for W in layers])


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("rule", RULES)
def test_both_sides_equal_training_with_and_without_the_penalty(rule, network, step):
    training = run_to(toy_config(**RULES[rule], **NETWORKS[network]), step)
    update = next_update_of(training)
    before = training.parameters.flat_weights.copy()
    with_penalty = weights_after_update(training)
    data_alone = weights_after_update(training, l1=0.0, l2=0.0, max_norm=None)
    np.testing.assert_allclose(flat(update.before), before, atol=1e-14)
    np.testing.assert_allclose(flat(update.after), with_penalty, atol=1e-13)
    np.testing.assert_allclose(flat(update.data), data_alone - before, atol=1e-13)
    penalty = flat([update.penalty(layer) for layer in range(len(update.before))])
    np.testing.assert_allclose(penalty, with_penalty - data_alone, atol=1e-13)
    if rule != "max-norm":  # all norms may be below the bound
        assert np.any(penalty) == (rule != "none")


def test_the_prediction_cuts_out_the_thinned_network_like_training():
    config = RunConfig.demo(
        train_size=40, hidden=(600, 600), mini_batch_size=40, drop_probability=0.5, l1=0.3, dtype="float64"
    )
    training = Training(config, select(config, toy_dataset(50)))
    assert training._workspace._thinned is not None
    update = next_update_of(training)
    np.testing.assert_allclose(flat(update.after), weights_after_update(training), atol=1e-13)
    kept = masks(config, 1, 1)
    assert not update.data[0][:, ~kept].any(), "only the penalty moves weights of dropped neurons"
    assert update.data[0][:, kept].any(axis=0).all()
    assert update.penalty(0).all()


def test_in_float32_the_prediction_has_the_precision_of_the_run():
    training = run_to(toy_config(l2=0.7, l1=0.4, drop_probability=0.4, dtype="float32"), 5)
    update = next_update_of(training)
    assert flat(update.after).dtype == np.float64
    np.testing.assert_allclose(flat(update.after), weights_after_update(training), rtol=1e-5, atol=1e-7)


def test_a_decay_below_the_precision_of_float32_is_precise():
    training = run_to(toy_config(l2=1e-7, dtype="float32"), 2)
    update = next_update_of(training)
    expected = -0.5 * 1e-7 / 13 * training.parameters.weights[0].astype(np.float64)
    np.testing.assert_allclose(update.penalty(0), expected, rtol=1e-6)


def test_halvings_of_the_learning_rate_shorten_both_sides():
    training = run_to(toy_config(l2=0.7), 5)
    without_halving = next_update_of(training)
    update = tug_of_war.next_update(training.current_config, training.data, training.parameters, 5, halvings=2)
    assert update is not None
    np.testing.assert_allclose(flat(update.data), flat(without_halving.data) / 4, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(update.penalty(0), without_halving.penalty(0) / 4, rtol=1e-9, atol=1e-15)
    halved = Training.resume(replace(training.checkpoint(), early_stopping=EarlyStopping(halvings=2)), training.data)
    halved.run(1)
    np.testing.assert_allclose(flat(update.after), halved.parameters.flat_weights, atol=1e-13)


def test_a_finished_run_has_the_first_update_of_another_epoch():
    training = run_to(toy_config(l2=0.7, epochs=3), 12)
    assert training.finished
    np.testing.assert_allclose(
        flat(next_update_of(training).after), weights_after_update(training, epochs=4), atol=1e-13
    )


def test_the_prediction_does_not_change_the_run():
    training = run_to(toy_config(l1=0.7, drop_probability=0.4), 5)
    data = training.data
    before = [array.tobytes() for array in (training.parameters.flat, data.x, data.y)]
    next_update_of(training)
    assert [array.tobytes() for array in (training.parameters.flat, data.x, data.y)] == before


def test_a_network_that_is_too_large_to_copy_has_no_prediction(monkeypatch):
    training = run_to(toy_config(), 0)
    monkeypatch.setattr(tug_of_war, "MAX_PARAMETERS", training.parameters.flat.size)
    next_update_of(training)
    monkeypatch.setattr(tug_of_war, "MAX_PARAMETERS", training.parameters.flat.size - 1)
    assert tug_of_war.next_update(training.current_config, training.data, training.parameters, 0) is None


def test_an_update_to_infinite_weights_has_no_prediction():
    config = toy_config(activation="relu", hidden=(5, 5), learning_rate=1e6)
    training = toy_training(config)
    training.parameters.flat[:] *= 1e200
    assert tug_of_war.next_update(config, training.data, training.parameters, 0) is None


# The rule of one weight


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_of_every_weight_follows_the_formula(rule):
    config = toy_config(**RULES[rule], drop_probability=0.4, hidden=(5, 6))
    training = run_to(config, 6)
    update = next_update_of(training)
    for layer, W in enumerate(training.parameters.weights):
        for row, column in np.ndindex(W.shape):
            predicted = tug_of_war.update_of_weight(update, layer, row, column)
            assert predicted.w == W[row, column]
            first = [(1 - 0.5 * config.l2 / 13, 0.0)] if config.l2 else []
            if config.l1 and config.l1_rule != "proximal":
                first.append((1.0, -0.5 * config.l1 / 13 * np.sign(predicted.w)))
            first.append((1.0, predicted.data))
            steps = [(move.factor, move.summand) for move in predicted.parts]
            assert np.array(steps[: len(first)]) == pytest.approx(np.array(first))
            u = by_hand.new_weight(config, 13, predicted.w, predicted.data)
            stopped = config.l1_rule == "clip" and u == 0 and predicted.w != 0
            last = predicted.parts[len(first) :]
            bounded = len(last) > (bool(config.l1) and config.l1_rule == "proximal") + stopped
            assert bounded == (predicted.next != pytest.approx(u, abs=1e-13))
            assert config.max_norm or not bounded
            assert predicted.next == pytest.approx(u * (last[-1].factor if bounded else 1.0), abs=1e-13)
            assert [move.note for move in predicted.parts if move.note] == ["stopped at 0"] * stopped
            assert weight_after_moves(predicted) == pytest.approx(predicted.next, abs=1e-13)
            assert predicted.next == pytest.approx(predicted.w + predicted.data + predicted.penalty, abs=1e-13)


def weight_after_moves(rule: tug_of_war.WeightUpdate) -> float:
    """The weight after applying the moves of its rule in order."""
    w = rule.w
    for move in rule.parts:
        w = w * move.factor + move.summand
    return w


def max_norm_factor(rule: tug_of_war.WeightUpdate) -> float:
    """The factor of max-norm, which is the last move of a run without another penalty."""
    return rule.parts[-1].factor


def test_max_norm_scales_the_weights_of_neurons_above_the_bound_only():
    training = run_to(toy_config(), 6)
    update = tug_of_war.next_update(
        replace(training.current_config, max_norm=1.0), training.data, training.parameters, 6
    )
    assert update is not None
    norms = np.linalg.norm(update.before[0] + update.data[0], axis=0)
    assert (norms > 1).any()
    assert (norms < 1).any()
    for column, norm in enumerate(norms):
        assert max_norm_factor(tug_of_war.update_of_weight(update, 0, 1, column)) == pytest.approx(min(1, 1 / norm))
    assert max_norm_factor(tug_of_war.update_of_weight(update, 1, 0, 0)) == 1


def test_a_clipped_weight_stops_at_zero_with_a_note():
    config = toy_config(l1=0.4, l1_rule="clip")
    training = toy_training(config)
    update = next_update_of(training)
    at = {"layer": 0, "row": 2, "column": 3}
    push = 0.5 * 0.4 / 13
    training.parameters.weights[0][2, 3] = 0.9 * push  # so close to zero that the data cannot keep it away
    update = next_update_of(training)
    rule = tug_of_war.update_of_weight(update, **at)
    assert abs(rule.data) < push
    if rule.w - push + rule.data < 0:
        assert rule.parts[-1].note == "stopped at 0"
        assert rule.next == 0
    training.parameters.weights[0][2, 3] = 5.0
    assert not tug_of_war.update_of_weight(next_update_of(training), **at).parts[-1].note


# Layers


def test_the_steps_of_a_layer_are_means_over_its_weights():
    training = run_to(toy_config(l2=0.7, l1=0.1, drop_probability=0.4), 6)
    update = next_update_of(training)
    for layer in range(2):
        W = update.before[layer]
        data = penalty = larger = 0.0
        for at in np.ndindex(W.shape):
            d = abs(update.data[layer][at])
            p = abs(update.after[layer][at] - W[at] - update.data[layer][at])
            data, penalty, larger = data + d, penalty + p, larger + (p > d)
        found = tug_of_war.mean_steps(update, layer)
        assert found.data == pytest.approx(data / W.size)
        assert found.penalty == pytest.approx(penalty / W.size)
        assert found.share == pytest.approx(larger / W.size)
        assert 0 < found.share < 1


def test_weights_without_any_step_do_not_count_for_the_penalty():
    training = run_to(toy_config(drop_probability=0.4), 6)
    update = next_update_of(training)
    assert (update.data[0] == 0).any()
    assert tug_of_war.mean_steps(update, 0).share == 0


# Followed weights


def digits_run(digits: Any, **changes: Any) -> tuple[RunConfig, RunData]:
    config = RunConfig.demo(train_size=60, hidden=(12, 9, 8), dtype="float64", **changes)
    return config, select(config, digits)


def test_three_weights_per_layer_are_chosen_by_initial_magnitude(digits):
    config, data = digits_run(digits)
    initial = Training(config, data).parameters
    found = tug_of_war.choose_candidates(initial, data.x)
    assert (found[0].layer, found[0].kind) == (0, "moving")
    found = found[1:]
    assert [(each.layer, each.kind) for each in found[:9]] == [
        (layer, kind) for layer in range(3) for kind in ("largest", "median", "smallest")
    ]
    for each in found[:9]:
        W = np.abs(initial.weights[each.layer])
        smaller = (W[each.row, each.column] > W).sum()
        assert smaller == {"largest": W.size - 1, "median": W.size // 2, "smallest": 0}[each.kind]


def test_the_followed_weights_depend_only_on_the_initial_weights(digits):
    config, data = digits_run(digits)
    other, _ = digits_run(digits, l1=3.0, l2=0.0, drop_probability=0.0, learning_rate=0.1)
    found = tug_of_war.choose_candidates(Training(config, data).parameters, data.x)
    assert tug_of_war.choose_candidates(Training(other, data).parameters, data.x) == found
    reseeded = replace(config, seed=2)
    assert tug_of_war.choose_candidates(Training(reseeded, data).parameters, data.x) != found


def test_a_weight_of_a_constant_zero_input_only_decays(digits):
    config, data = digits_run(digits, l2=2.0)
    training = Training(config, data)
    candidate = tug_of_war.choose_candidates(training.parameters, data.x)[-1]
    assert candidate.kind == "silent"
    assert not data.x[:, candidate.row].any()
    start = training.parameters.weights[0][candidate.row, candidate.column]
    zero_inputs = np.flatnonzero((data.x == 0).all(axis=0))
    assert abs(start) == np.abs(training.parameters.weights[0][zero_inputs]).max()
    training.run(5)
    rule = tug_of_war.update_of_weight(next_update_of(training), 0, candidate.row, candidate.column)
    assert rule.data == 0
    assert rule.w == pytest.approx(start * (1 - 0.5 * 2.0 / 60) ** 5, rel=1e-12)
    assert rule.next == pytest.approx(rule.w * (1 - 0.5 * 2.0 / 60), rel=1e-12)


@pytest.mark.mnist
def test_the_first_weight_moves_in_nearly_every_update_on_mnist(mnist):
    config = RunConfig(dataset="mnist", hidden=(30,), l2=5.0, train_size=2_000)
    data = select(config, mnist)
    training = Training(config, data)
    first = tug_of_war.choose_candidates(training.parameters, data.x)[0]
    squares = [float(sum(value * value for value in data.x[:, i].tolist())) for i in range(data.x.shape[1])]
    assert first.row == squares.index(max(squares))
    moves = 0
    for _ in range(50):
        training.run(1)
        rule = tug_of_war.update_of_weight(next_update_of(training), 0, first.row, first.column)
        moves += rule.data != 0
    assert moves >= 48


def test_without_constant_zero_inputs_there_is_no_silent_weight():
    training = toy_training(toy_config())
    assert {each.kind for each in tug_of_war.choose_candidates(training.parameters, training.data.x)} == {
        "moving",
        "largest",
        "median",
        "smallest",
    }
