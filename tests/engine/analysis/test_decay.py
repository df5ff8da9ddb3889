"""The decay of weights that only a penalty moves, against the chapter's update in a loop and against real trainings."""

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


def decay_at(begun: RunConfig, changes: list[Change], step: int) -> Decay:
    decay = decay_over(begun, changes, N, step)
    assert isinstance(decay, Decay), decay
    return decay


def step_by_step(begun: RunConfig, changes: list[Change], step: int) -> np.ndarray:
    """What STARTS become, update by update, where no data gradient moves them."""
    config, w = begun, STARTS
    for update in range(1, step + 1):
        for change in changes:
            if change.step == update - 1:
                config = replace(config, **change.fields)
        w = [by_hand.new_weight(config, N, each, 0.0) for each in w]
    return np.array(w)


@pytest.mark.parametrize("l2", [0.1, 10.0, 99.0, 100.0, 130.0])
def test_l2_alone_is_the_product_of_its_decays_also_where_they_flip_signs(l2):
    config = toy_config(l2=l2, learning_rate=0.5)  # ηλ/n up to 1.3
    decay = decay_at(config, [], 37)
    assert decay.shift == decay.max_error == 0
    np.testing.assert_allclose(decay(np.array(STARTS)), step_by_step(config, [], 37), atol=1e-13, rtol=1e-12)


@pytest.mark.parametrize("rule", ["clip", "proximal"])
@pytest.mark.parametrize("l2", [0.0, 1e-9, 1.0, 60.0, 100.0])
def test_rules_that_stop_at_zero_keep_to_the_formula_exactly(l2, rule):
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
    on_the_way = found != 0
    np.testing.assert_allclose(found[on_the_way], expected[on_the_way], atol=1e-13)
    assert 0 < np.abs(found - expected)[~on_the_way].max() <= decay.max_error * (1 + 1e-12)


STEPS = st.floats(0, 0.9)
CHANGE = st.one_of(
    st.fixed_dictionaries({"learning_rate": st.floats(0.01, 1)}),
    st.fixed_dictionaries({"l2": STEPS.map(lambda step: step * N)}),
    st.fixed_dictionaries({"l1": STEPS.map(lambda step: step * N / 30)}),
    st.fixed_dictionaries({"l1_rule": st.sampled_from(["clip", "proximal", "subgradient"])}),
    st.fixed_dictionaries({"drop_probability": st.just(0.25)}),
)


@given(changes=st.lists(st.tuples(st.integers(0, 40), CHANGE), max_size=5), step=st.integers(0, 40))
def test_changes_while_it_trains_count_from_the_update_that_first_felt_them(changes, step):
    made = [Change(at, fields) for at, fields in sorted(changes, key=lambda change: change[0])]
    config = toy_config(l2=0.4, l1=0.3, learning_rate=0.5)
    decay = decay_at(config, made, step)
    np.testing.assert_allclose(
        decay(np.array(STARTS)), step_by_step(config, made, step), atol=decay.max_error * (1 + 1e-9) + 1e-12
    )


@given(cut=st.integers(0, 40))
def test_a_cut_that_changes_nothing_changes_nothing(cut):
    config = toy_config(l2=2.0, l1=0.3)
    whole, cut_in_two = decay_at(config, [], 40), decay_at(config, [Change(cut, {"l2": 2.0})], 40)
    assert cut_in_two.factor == pytest.approx(whole.factor, rel=1e-12)
    assert cut_in_two.shift == pytest.approx(whole.shift, rel=1e-12)


def test_the_stretches_of_a_run_are_all_of_its_updates_each_with_its_config():
    config = toy_config(l2=1.0)
    changes = [Change(0, {"l2": 2.0}), Change(7, {"l1": 3.0}), Change(7, {"l1": 4.0}), Change(20, {"l2": 9.0})]
    found = config_periods(config, changes, 20)
    assert [(updates, cut.l2, cut.l1) for updates, cut in found] == [(7, 2.0, 0.0), (13, 2.0, 4.0)]
    assert config_periods(config, changes, 0) == []


def test_without_a_penalty_and_before_the_first_update_nothing_is_taken():
    assert decay_at(toy_config(), [], 1_000) == decay_at(toy_config(l1=1.0, l2=1.0), [], 0) == Decay(1.0, 0.0)


def test_weights_up_to_the_dead_zone_are_zero_and_no_others():
    decay = decay_at(toy_config(l1=1.0, l2=2.0, l1_rule="proximal"), [], 25)
    edge = decay.dead_zone
    found = decay(np.array([edge * 0.999, -edge * 0.999, edge * 1.001, -edge * 1.001]))
    assert found.tolist()[:2] == [0, 0]
    assert found[2] > 0 > found[3]


def test_where_no_formula_holds_it_says_why():
    plain = toy_config(l2=1.0)
    assert "η" in str(decay_over(plain, [], N, 10, halvings=1))
    assert "max-norm" in str(decay_over(plain, [Change(3, {"max_norm": 2.0}), Change(5, {"max_norm": None})], N, 10, 0))
    assert "L1" in str(decay_over(toy_config(l1=1.0, l2=110.0), [], N, 10))
    # a bound that no update has felt, one of a network without hidden neurons, a flip before there was L1
    decay_at(plain, [Change(10, {"max_norm": 2.0})], 10)
    decay_at(toy_config(hidden=(), max_norm=0.1), [], 10)
    flipped = [Change(3, {"l2": 1.0, "l1": 1.0})]
    config = toy_config(l2=110.0, learning_rate=0.5)
    decay = decay_at(config, flipped, 10)
    np.testing.assert_allclose(
        decay(np.array(STARTS)), step_by_step(config, flipped, 10), atol=decay.max_error * (1 + 1e-9)
    )


# real trainings


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
def test_weights_of_inputs_that_are_always_zero_follow_the_formula_through_changes(fields):
    config = RunConfig.demo(
        **{"train_size": 100, "hidden": (12,), "drop_probability": 0.0, "dtype": "float64", **fields}
    )
    data = select(config, load_dataset("digits"))
    training = Training(config, data, changes=[Change(33, {"learning_rate": 0.2}), Change(71, {"l2": config.l2 / 2})])
    while training.step < 120:
        training.run(120 - training.step)
    decay = decay_over(config, training.changes, data.n, training.step)
    assert isinstance(decay, Decay)
    silent = data.always_zero
    assert silent.tolist() == [all(value == 0 for value in column) for column in data.x.T.tolist()]
    assert silent.sum() >= 3
    start, now = initial_parameters(config, 64, 10).weights[0], training.parameters.weights[0]
    error = np.abs(decay(start) - now)
    assert error[silent].max() <= decay.max_error + 1e-10
    assert error[~silent].mean() > 10 * (decay.max_error + 1e-10), "all others have been moved by the data"
