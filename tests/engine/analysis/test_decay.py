"""The decay of weights by penalties alone, compared with updates in a loop and with training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import RunConfig, Training, initial_parameters, load_dataset, select
from engine.analysis.decay import Decay, config_periods, decay_over
from engine.learning.checkpoint import Change
from tests.engine import by_hand
from tests.engine.toys import toy_config

N = 50
STARTS = [-1.7, -0.31, -0.004, 0.0, 1e-9, 0.02, 0.5, 3.0]


def decay_at(initial_config: RunConfig, changes: list[Change], step: int) -> Decay:
    decay = decay_over(initial_config, changes, N, step)
    assert isinstance(decay, Decay), decay
    return decay


def step_by_step(initial_config: RunConfig, changes: list[Change], step: int) -> np.ndarray:
    """The weights STARTS after `step` updates without a data gradient."""
    config, w = initial_config, STARTS
    for update in range(1, step + 1):
        for change in changes:
            if change.step == update - 1:
                config = replace(config, **change.fields)
        w = [by_hand.new_weight(config, N, each, 0.0) for each in w]
    return np.array(w)


@pytest.mark.parametrize("l2", [0.1, 10.0, 99.0, 100.0, 130.0])
def test_l2_alone_multiplies_its_decays_even_if_signs_flip(l2):
    config = toy_config(l2=l2, learning_rate=0.5)  # ηλ/n up to 1.3
    decay = decay_at(config, [], 37)
    assert decay.shift == decay.max_error == 0
    np.testing.assert_allclose(decay(np.array(STARTS)), step_by_step(config, [], 37), atol=1e-13, rtol=1e-12)


@pytest.mark.parametrize("rule", ["clip", "proximal"])
@pytest.mark.parametrize("l2", [0.0, 1e-9, 1.0, 60.0, 100.0])
def test_rules_that_stop_at_zero_follow_the_formula_exactly(l2, rule):
    config = toy_config(l1=1.3, l2=l2, l1_rule=rule, learning_rate=0.5)
    decay = decay_at(config, [], 30)
    assert decay.max_error == 0
    found, expected = decay(np.array(STARTS)), step_by_step(config, [], 30)
    np.testing.assert_allclose(found, expected, atol=1e-13)
    assert (found == 0).tolist() == (expected == 0).tolist()
    assert (found == 0).sum() > 2


@pytest.mark.parametrize("l2", [0.0, 1.0, 60.0])
def test_with_the_subgradient_weights_are_within_a_step_of_the_formula(l2):
    config = toy_config(l1=1.3, l2=l2, learning_rate=0.5)
    decay = decay_at(config, [], 30)
    assert decay.max_error == 0.5 * 1.3 / N
    found, expected = decay(np.array(STARTS)), step_by_step(config, [], 30)
    nonzero = found != 0
    np.testing.assert_allclose(found[nonzero], expected[nonzero], atol=1e-13)
    assert 0 < np.abs(found - expected)[~nonzero].max() <= decay.max_error * (1 + 1e-12)


STEPS = st.floats(0, 0.9)
CHANGE = st.one_of(
    st.fixed_dictionaries({"learning_rate": st.floats(0.01, 1)}),
    st.fixed_dictionaries({"l2": STEPS.map(lambda step: step * N)}),
    st.fixed_dictionaries({"l1": STEPS.map(lambda step: step * N / 30)}),
    st.fixed_dictionaries({"l1_rule": st.sampled_from(["clip", "proximal", "subgradient"])}),
    st.fixed_dictionaries({"drop_probability": st.just(0.25)}),
)


@given(changes=st.lists(st.tuples(st.integers(0, 40), CHANGE), max_size=5), step=st.integers(0, 40))
def test_live_changes_take_effect_in_the_next_update(changes, step):
    live_changes = [Change(at, fields) for at, fields in sorted(changes, key=lambda change: change[0])]
    config = toy_config(l2=0.4, l1=0.3, learning_rate=0.5)
    decay = decay_at(config, live_changes, step)
    np.testing.assert_allclose(
        decay(np.array(STARTS)), step_by_step(config, live_changes, step), atol=decay.max_error * (1 + 1e-9) + 1e-12
    )


@given(cut=st.integers(0, 40))
def test_a_change_to_the_same_value_has_no_effect(cut):
    config = toy_config(l2=2.0, l1=0.3)
    without_change, with_change = decay_at(config, [], 40), decay_at(config, [Change(cut, {"l2": 2.0})], 40)
    assert with_change.factor == pytest.approx(without_change.factor, rel=1e-12)
    assert with_change.shift == pytest.approx(without_change.shift, rel=1e-12)


def test_the_periods_of_a_run_cover_its_updates_with_their_configs():
    config = toy_config(l2=1.0)
    changes = [Change(0, {"l2": 2.0}), Change(7, {"l1": 3.0}), Change(7, {"l1": 4.0}), Change(20, {"l2": 9.0})]
    found = config_periods(config, changes, 20)
    assert [(updates, period.l2, period.l1) for updates, period in found] == [(7, 2.0, 0.0), (13, 2.0, 4.0)]
    assert config_periods(config, changes, 0) == []


def test_without_a_penalty_or_an_update_nothing_decays():
    assert decay_at(toy_config(), [], 1_000) == decay_at(toy_config(l1=1.0, l2=1.0), [], 0) == Decay(1.0, 0.0)


def test_exactly_the_weights_in_the_dead_zone_become_zero():
    decay = decay_at(toy_config(l1=1.0, l2=2.0, l1_rule="proximal"), [], 25)
    edge = decay.dead_zone
    found = decay(np.array([edge * 0.999, -edge * 0.999, edge * 1.001, -edge * 1.001]))
    assert found.tolist()[:2] == [0, 0]
    assert found[2] > 0 > found[3]


def test_without_a_formula_there_is_a_reason():
    plain = toy_config(l2=1.0)
    assert "η" in str(decay_over(plain, [], N, 10, halvings=1))
    assert "max-norm" in str(decay_over(plain, [Change(3, {"max_norm": 2.0}), Change(5, {"max_norm": None})], N, 10, 0))
    assert "L1" in str(decay_over(toy_config(l1=1.0, l2=110.0), [], N, 10))
    # There is a formula with a bound after the last update, a bound without hidden neurons, and a flip before L1.
    decay_at(plain, [Change(10, {"max_norm": 2.0})], 10)
    decay_at(toy_config(hidden=(), max_norm=0.1), [], 10)
    flipped = [Change(3, {"l2": 1.0, "l1": 1.0})]
    config = toy_config(l2=110.0, learning_rate=0.5)
    decay = decay_at(config, flipped, 10)
    np.testing.assert_allclose(
        decay(np.array(STARTS)), step_by_step(config, flipped, 10), atol=decay.max_error * (1 + 1e-9)
    )


# Training


@pytest.mark.parametrize(
    "fields",
    [
        {"l2": 5.0},
        {"l2": 5.0, "drop_probability": 0.5, "input_drop_probability": 0.2},
        {"l2": 0.0, "l1": 0.2, "l1_rule": "clip"},
        {"l2": 0.0, "l1": 0.2, "l1_rule": "proximal"},
        {"l2": 1.0, "l1": 0.2, "l1_rule": "proximal", "hidden": (9, 8)},
        {"l2": 0.0, "l1": 0.2},
        {"l2": 1.0, "l1": 0.2, "dropout_mask": "example", "drop_probability": 0.5},
        {"l2": 0.0},
    ],
    ids=str,
)
def test_weights_of_constant_zero_inputs_follow_the_formula(fields):
    config = RunConfig.demo(
        **{"train_size": 100, "hidden": (12,), "drop_probability": 0.0, "dtype": "float64", **fields}
    )
    data = select(config, load_dataset("digits"))
    training = Training(config, data, changes=[Change(33, {"learning_rate": 0.2}), Change(71, {"l2": config.l2 / 2})])
    while training.step < 120:
        training.run(120 - training.step)
    decay = decay_over(config, training.changes, data.n, training.step)
    assert isinstance(decay, Decay)
    always_zero = data.always_zero
    assert always_zero.tolist() == [all(value == 0 for value in column) for column in data.x.T.tolist()]
    assert always_zero.sum() >= 3
    start, now = initial_parameters(config, 64, 10).weights[0], training.parameters.weights[0]
    error = np.abs(decay(start) - now)
    assert error[always_zero].max() <= decay.max_error + 1e-10
    assert error[~always_zero].mean() > 10 * (decay.max_error + 1e-10), "the data have moved all other weights"
