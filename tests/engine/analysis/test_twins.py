"""Twins differ in one setting only, and have exactly the same initial weights and examples."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from engine import FieldError, RunConfig, Training, dataset_of, select
from engine.analysis.regularizers import regularizer_text
from engine.analysis.twins import MAX_LINES, PRESETS, differing_fields, race_twins, suggested_lmbda, vary_setting
from engine.families.penalties import PENALTIES
from engine.randomness import order_of_examples

REGULARIZERS = {*PENALTIES, "l1_rule", "drop_probability", "input_drop_probability"}


def active_regularizers(config: RunConfig) -> dict[str, float]:
    """The regularizers of a config that are on."""
    return {name: getattr(config, name) for name in REGULARIZERS - {"l1_rule"} if getattr(config, name)}


def test_each_twin_of_a_race_has_only_its_own_regularizer():
    config = RunConfig.demo(l2=3.0, drop_probability=0.4, max_norm=2.0, input_drop_probability=0.1)
    twins = race_twins(config, "none, L2, L1, dropout")
    assert [active_regularizers(twin.config) for twin in twins] == [
        {},
        {"l2": 3.0},
        {"l1": 0.5},
        {"drop_probability": 0.4},
    ]
    assert [twin.name for twin in twins] == ["no regularization", "L2 λ 3", "L1 λ 0.5", "dropout 0.4"]
    both = race_twins(config, "none, L2, dropout, both")
    assert active_regularizers(both[3].config) == {"l2": 3.0, "drop_probability": 0.4}


def test_a_config_without_a_penalty_gets_a_strength_for_its_data():
    config = RunConfig.demo(l2=0.0, drop_probability=0.0, train_size=50_000)
    assert [active_regularizers(twin.config) for twin in race_twins(config, "none, L2, L1, dropout")] == [
        {},
        {"l2": 100.0},
        {"l1": 50.0},
        {"drop_probability": 0.5},
    ]
    assert race_twins(RunConfig.demo(l2=0.0, train_size=None), "none, L2, L1, dropout", 1_000)[1].config.l2 == 2.0
    for n in (3, 40, 500, 1_297, 50_000):
        for penalty, at_500 in (("l2", 1.0), ("l1", 0.5)):
            assert 2**-0.7 < suggested_lmbda(penalty, n) / (at_500 * n / 500) < 2**0.7, "at most one step of the scale"


def test_a_ladder_changes_only_the_strength_of_the_penalty():
    config = RunConfig.demo(l2=0.0, l1=2.0, drop_probability=0.3)
    assert [twin.config.l1 for twin in race_twins(config, "a ladder of λ")] == [0.2, 0.6, 2.0, 6.0, 20.0]
    assert set(differing_fields([twin.config for twin in race_twins(config, "a ladder of λ")])) == {"l1"}
    assert set(differing_fields([twin.config for twin in race_twins(RunConfig.demo(), "a ladder of λ")])) == {"l2"}


def test_twins_of_the_l1_rules_differ_only_in_the_rule():
    one, other = race_twins(RunConfig.demo(l1=0.7), "L1: subgradient and proximal")
    assert differing_fields([one.config, other.config]) == {"l1_rule": ("subgradient", "proximal")}
    assert active_regularizers(one.config) == {"l1": 0.7}


def test_a_dropout_race_has_drop_probabilities_in_quarters():
    twins = race_twins(RunConfig.demo(), "dropout 0, ¼, ½, ¾")
    assert [twin.config.drop_probability for twin in twins] == [0, 0.25, 0.5, 0.75]
    assert differing_fields([twin.config for twin in twins]) == {"drop_probability": (0, 0.25, 0.5, 0.75)}


def test_any_setting_can_be_varied_and_gives_the_names_of_the_twins():
    twins = vary_setting(RunConfig.demo(), "hidden", [(), (30,), [30, 20]])
    assert [twin.config.hidden for twin in twins] == [(), (30,), (30, 20)]
    assert [twin.name for twin in twins] == ["hidden none", "hidden 30", "hidden 30, 20"]
    assert [twin.name for twin in vary_setting(RunConfig.demo(), "max_norm", [None, 2])] == [
        "max-norm off",
        "max-norm 2",
    ]
    assert [twin.name for twin in vary_setting(RunConfig.demo(), "learning_rate", [0.1])] == ["η 0.1"]


@pytest.mark.parametrize(
    ("field", "values", "message"),
    [
        ("lambda", [1], "must be a field of a run, got 'lambda'"),
        ("l2", [0.1, 1, 0.1], "must differ, got L2 λ 0.1 twice"),
        ("l2", [1, 1.0], "must differ, got L2 λ 1 twice"),
        ("seed", range(MAX_LINES + 1), f"must be at most {MAX_LINES}, got {MAX_LINES + 1}"),
        ("seed", [], "must be at least 1"),
        ("drop_probability", [0.5, 1.0], r"drop_probability must be in \[0, 1\), got 1.0"),
    ],
)
def test_invalid_races_are_refused_with_advice(field, values, message):
    with pytest.raises(FieldError, match=message):
        vary_setting(RunConfig.demo(), field, values)


def test_unknown_presets_and_dropout_without_neurons_are_refused():
    with pytest.raises(FieldError, match=r"preset must be one of none, L2, L1, dropout.*got 'all of them'"):
        race_twins(RunConfig.demo(), "all of them")
    for preset in PRESETS:
        if "dropout" in preset:
            with pytest.raises(FieldError, match="hidden is empty, and dropout leaves out hidden neurons"):
                race_twins(RunConfig.demo(hidden=()), preset)


@pytest.mark.parametrize("preset", PRESETS)
def test_all_twins_are_different_and_only_in_regularization(preset):
    twins = race_twins(RunConfig.demo(), preset)
    assert len({twin.name for twin in twins}) == len({twin.config for twin in twins}) == len(twins) <= MAX_LINES
    found = differing_fields([twin.config for twin in twins])
    assert set(found) <= REGULARIZERS
    for name, values in found.items():
        assert list(values) == [asdict(twin.config)[name] for twin in twins]


def test_equal_configs_have_no_differences():
    assert differing_fields([RunConfig.demo(), RunConfig.demo()]) == {}
    assert differing_fields([RunConfig.demo()]) == {}


def test_regularizers_are_summarized_in_a_short_text():
    assert regularizer_text(RunConfig.demo()) == "L2 λ 1, dropout ½"
    assert regularizer_text(RunConfig.demo(l2=0.0, drop_probability=0.0)) == "no regularization"
    assert regularizer_text(RunConfig.demo(l1=0.2, drop_probability=0.0, max_norm=3)) == "L2 λ 1, L1 λ 0.2, max-norm 3"


def assert_same_start(config: RunConfig) -> None:
    """Assert that all twins of each preset have the same initial weights and examples in the same order."""
    for preset in PRESETS:
        first, *others = [
            Training(twin.config, select(twin.config, dataset_of(twin.config))) for twin in race_twins(config, preset)
        ]
        assert first.parameters.flat.size > 0
        for other in others:
            assert other.parameters.flat.tobytes() == first.parameters.flat.tobytes()
            for part in ("x", "y"):
                assert getattr(other.data, part).tobytes() == getattr(first.data, part).tobytes()
            for epoch in (1, 2, 7):
                orders = [order_of_examples(each.initial_config.seed, epoch, each.data.n) for each in (first, other)]
                np.testing.assert_array_equal(*orders)


def test_twins_have_the_same_initial_weights_and_order_of_examples():
    assert_same_start(RunConfig.demo(train_size=200, pixel_noise=0.1))
    assert_same_start(RunConfig.demo(dataset="spirals", train_size=100, hidden=(7, 5)))


@pytest.mark.mnist
@pytest.mark.usefixtures("mnist")
def test_twins_on_mnist_have_exactly_the_same_start():
    assert_same_start(RunConfig.demo(dataset="mnist", train_size=1_000, hidden=(30,)))


def test_the_first_update_of_twins_uses_the_same_examples():
    # After one update, twins without and with L2 differ by the step of the penalty.
    plain, penalized = (
        Training(twin.config, select(twin.config, dataset_of(twin.config)))
        for twin in race_twins(RunConfig.demo(train_size=100, dtype="float64"), "none, L2, L1, dropout")[:2]
    )
    config = penalized.current_config
    start = [W.copy() for W in plain.parameters.weights]
    for training in (plain, penalized):
        training.run(1)
    for before, without_l2, with_l2 in zip(start, plain.parameters.weights, penalized.parameters.weights, strict=True):
        np.testing.assert_allclose(
            without_l2 - with_l2, config.learning_rate * config.l2 / plain.data.n * before, rtol=1e-9, atol=1e-15
        )


def test_a_ladder_uses_a_penalty_that_is_in_effect():
    twins = race_twins(RunConfig(hidden=(), group_lasso=1.0), "a ladder of λ")
    assert len({twin.config.l2 for twin in twins}) == 5
