"""A config is validated when it is created, and is unchanged by JSON."""

from __future__ import annotations

import json
import math
import pickle
import re
from dataclasses import FrozenInstanceError, fields, replace
from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import FieldError, RunConfig, Training, dataset_of, masks, select
from engine.analysis.regularizers import equivalent_lmbda
from engine.data.checks import check_against_data, warnings
from engine.families.activations import ACTIVATIONS
from engine.families.costs import COSTS
from engine.families.penalties import PENALTIES, penalty_of
from engine.families.penalties.l1 import L1_RULES
from engine.learning.metrics import measured_examples
from tests.engine.toys import toy_config, toy_dataset

NOT_NUMBERS = [math.nan, math.inf, -math.inf, True, False, "1", None, [], {}, 1j, 10**400, np.bool_(True), np.array(1)]
NOT_INTEGERS = [*NOT_NUMBERS, 1.5, 2.0, np.float64(3)]
NOT_CHOICES = ["", "Sigmoid", "none", None, 1, True, [], ["sigmoid"], {}, math.nan, b"exact"]

BAD: dict[str, list[Any]] = {
    "dataset": ["", None, 7, ["digits"], b"digits"],
    "train_size": [v for v in NOT_INTEGERS if v is not None] + [0, -1, 10**8],
    "validation_share": [v for v in NOT_NUMBERS if v is not None] + [0, 0.009, 0.91, 1, 30],
    "label_noise": [*NOT_NUMBERS, -0.1, 0.51, 1],
    "pixel_noise": [*NOT_NUMBERS, -0.1, 1.01],
    "data_noise": [*NOT_NUMBERS, -0.1, 0.51],
    "blob_classes": [*NOT_INTEGERS, 1, 7, -3],
    "hidden": [100, None, "100", b"d", {100: 1}, {100}, math.nan, count(1), [30] * 11]
    + [[width] for width in (0, -3, 10_001, 2.5, True, "30", [30], None)],
    "activation": NOT_CHOICES,
    "cost": NOT_CHOICES,
    "initializer": NOT_CHOICES,
    "l2": [*NOT_NUMBERS, -1e-9, 1e7],
    "l1": [*NOT_NUMBERS, -1e-9, 1e7],
    "l1_rule": NOT_CHOICES,
    "max_norm": [v for v in NOT_NUMBERS if v is not None] + [0, -1.0, 1e7],
    "drop_probability": [*NOT_NUMBERS, -0.1, 1, 1.0, 1.5],
    "input_drop_probability": [*NOT_NUMBERS, -0.1, 1, 1.0, 1.5],
    "dropout_count": NOT_CHOICES,
    "dropout_mask": NOT_CHOICES,
    "dropout_scaling": NOT_CHOICES,
    "learning_rate": [*NOT_NUMBERS, 0, -0.5, 1e7],
    "mini_batch_size": [*NOT_INTEGERS, 0, -1, 10**6],
    "epochs": [*NOT_INTEGERS, 0, -1, 10**7],
    "seed": [*NOT_INTEGERS, -1, 2**63, 10**5000],
    "dtype": [*NOT_CHOICES, "float16", np.float32],
    "expand": [None, 0, 1, "True", "", np.bool_(True)],
    "stop_on": NOT_CHOICES,
    "patience": [*NOT_INTEGERS, 0, -1, 10**7],
    "halve_after": [v for v in NOT_INTEGERS if v is not None] + [0, -1, 10**7],
    "max_halvings": [*NOT_INTEGERS, -1, 51],
    "measure_all": [None, 0, 1, "True", "", np.bool_(True)],
    "evaluate_on": [*NOT_CHOICES, "training"],
}
BAD_STRENGTHS: list[Any] = [*NOT_NUMBERS, -1e-9, 1e7]  # for penalties that are not in the dict above
BAD = {name: BAD.get(name, BAD_STRENGTHS) for name in (*BAD, *PENALTIES)}


def repr_in_error(value: Any) -> str:
    try:
        return repr(value)[:50]
    except ValueError:
        return "a number too long to write"


def test_every_field_has_bad_values_here() -> None:
    assert set(BAD) == {field.name for field in fields(RunConfig)}


@pytest.mark.parametrize("field", BAD)
def test_a_bad_value_is_refused_with_field_value_and_advice(field: str) -> None:
    for value in BAD[field]:
        for make in (lambda v: RunConfig(**{field: v}), lambda v: RunConfig.from_dict({field: v})):
            with pytest.raises(FieldError) as caught:
                make(value)
            message = str(caught.value)
            assert caught.value.field == field
            assert message.startswith(f"{field} must ")
            # The error shows the bad width, not the list with it.
            bad = value[0] if field == "hidden" and isinstance(value, list) and len(value) == 1 else value
            assert repr_in_error(bad) in message
            assert re.search(r"must be one of \w|got .*: [\w\[]", message, re.DOTALL), f"no advice: {message}"
            assert len(message) < 400


@pytest.mark.parametrize(
    "change",
    [
        {"train_size": None},
        {"max_norm": None},
        {"halve_after": None},
        {"hidden": ()},
        {"hidden": [1] * 10},
        {"hidden": np.array([30, 20])},
        {"label_noise": 0.5},
        {"validation_share": None},
        {"validation_share": 0.9},
        {"pixel_noise": 1.0},
        {"data_noise": 0.0},
        {"blob_classes": 6},
        {"drop_probability": math.nextafter(1, 0)},
        {"seed": 0},
        {"seed": 2**63 - 1},
        {"mini_batch_size": 1},
        {"max_halvings": 0},
    ],
)
def test_the_ends_of_each_range_are_valid(change: dict[str, Any]) -> None:
    (field,) = change
    config = RunConfig(**change)
    expected = change[field]
    assert getattr(config, field) == (expected if field != "hidden" else tuple(int(w) for w in expected))


NUMBERS = {
    "validation_share": st.none() | st.floats(0.01, 0.9),
    "label_noise": st.floats(0, 0.5),
    "pixel_noise": st.floats(0, 1),
    "data_noise": st.floats(0, 0.5),
    "l2": st.floats(0, 1e6),
    "l1": st.floats(0, 1e6) | st.integers(0, 10**6),
    "max_norm": st.none() | st.floats(1e-6, 1e6),
    "drop_probability": st.floats(0, 1, exclude_max=True),
    "input_drop_probability": st.floats(0, 1, exclude_max=True),
    "learning_rate": st.floats(1e-9, 1e6),
}
INTEGERS = {
    "train_size": st.none() | st.integers(1, 10_000_000),
    "blob_classes": st.integers(2, 6),
    "mini_batch_size": st.integers(1, 100_000),
    "epochs": st.integers(1, 1_000_000),
    "seed": st.integers(0, 2**63 - 1),
    "patience": st.integers(1, 1_000_000),
    "halve_after": st.none() | st.integers(1, 1_000_000),
    "max_halvings": st.integers(0, 50),
}
OTHERS = {
    "dataset": st.text(min_size=1, max_size=20).filter(str.isprintable),
    "hidden": st.lists(st.integers(1, 10_000), max_size=10),
    "expand": st.booleans(),
    "measure_all": st.booleans(),
    **{
        name: st.sampled_from(list(choices))
        for name, choices in {
            "activation": ACTIVATIONS,
            "cost": COSTS,
            "initializer": ("scaled", "large"),
            "l1_rule": L1_RULES,
            "dropout_count": ("exact", "bernoulli"),
            "dropout_mask": ("mini-batch", "example"),
            "dropout_scaling": ("classic", "inverted"),
            "dtype": ("float32", "float64"),
            "stop_on": ("never", "accuracy", "cost"),
            "evaluate_on": ("validation", "test"),
        }.items()
    },
}
VALUES = st.fixed_dictionaries({}, optional={**NUMBERS, **INTEGERS, **OTHERS})


@given(values=VALUES)
def test_a_config_is_unchanged_by_json(values: dict[str, Any]) -> None:
    config = RunConfig(**values)
    text = json.dumps(config.to_dict(), allow_nan=False)
    found = RunConfig.from_dict(json.loads(text))
    assert found == config
    assert hash(found) == hash(config)
    assert json.dumps(found.to_dict()) == text
    for name, value in values.items():
        assert getattr(config, name) == (tuple(value) if name == "hidden" else value)


@given(values=VALUES)
def test_numpy_numbers_become_plain_numbers(values: dict[str, Any]) -> None:
    def to_numpy(name: str, value: Any) -> Any:
        if value is None:
            return None
        if name == "hidden":
            return np.array(value, dtype=np.int32)
        return np.float64(value) if name in NUMBERS else np.int64(value) if name in INTEGERS else value

    config = RunConfig(**{name: to_numpy(name, value) for name, value in values.items()})
    plain = RunConfig(**values)
    assert config == plain
    assert json.dumps(config.to_dict()) == json.dumps(plain.to_dict())
    kinds = {name: type(value) for name, value in config.to_dict().items() if value is not None}
    assert {kinds[name] for name in NUMBERS if name in kinds} == {float}
    assert {kinds[name] for name in INTEGERS if name in kinds} == {int}
    assert {type(width) for width in config.hidden} <= {int}


def test_integers_and_other_numbers_become_floats() -> None:
    assert json.dumps(RunConfig(l2=1).to_dict()) == json.dumps(RunConfig(l2=1.0).to_dict())
    assert RunConfig(drop_probability=Fraction(1, 4)).to_dict()["drop_probability"] == 0.25
    assert RunConfig(l2=np.float32(0.5)).l2 == 0.5


def test_an_unknown_field_is_refused_with_all_known_fields() -> None:
    for name in ("lambda", "L2", "", " l2"):
        with pytest.raises(FieldError) as caught:
            RunConfig.from_dict({"l2": 1.0, name: 1.0})
        assert caught.value.field == name
        assert all(field.name in str(caught.value) for field in fields(RunConfig))
    with pytest.raises(FieldError):
        RunConfig.from_dict({7: 1})  # type: ignore[dict-item]


@pytest.mark.parametrize("values", [None, [], "l2=1", 3, [("l2", 1)]])
def test_values_that_are_not_a_dict_are_refused(values: Any) -> None:
    with pytest.raises(FieldError, match="config must be a table"):
        RunConfig.from_dict(values)


def test_missing_fields_have_their_defaults() -> None:
    assert RunConfig.from_dict({}) == RunConfig()
    assert RunConfig.from_dict({"l2": 3.0}) == replace(RunConfig(), l2=3.0)


def test_a_config_is_frozen_and_a_changed_copy_is_validated() -> None:
    with pytest.raises(FrozenInstanceError):
        RunConfig().l2 = 2.0  # type: ignore[misc]
    with pytest.raises(FieldError):
        replace(RunConfig(), l2=-1.0)


def test_the_keep_probability_is_one_minus_the_drop_probability() -> None:
    assert RunConfig(drop_probability=0.25).keep_probability == 0.75


def test_a_field_error_can_be_pickled() -> None:
    with pytest.raises(FieldError) as caught:
        RunConfig(l2=-1)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.field, copy.problem, str(copy)) == (caught.value.field, caught.value.problem, str(caught.value))


@given(n=st.integers(10, 10_000), eta=st.floats(0.01, 50))
def test_l2_is_refused_if_its_step_is_twice_the_weight(n: int, eta: float) -> None:
    limit = 2 * n / eta
    if limit * 1.0001 > 1e6:
        return
    check_against_data(RunConfig(l2=limit * 0.9999, learning_rate=eta), n)
    with pytest.raises(FieldError) as caught:
        check_against_data(RunConfig(l2=limit * 1.0001, learning_rate=eta), n)
    assert caught.value.field == "l2"
    assert f"/ {n} = 2" in str(caught.value)
    assert f"take λ below {limit:g}" in str(caught.value)


@pytest.mark.parametrize("rule", L1_RULES)
@pytest.mark.parametrize("l2", [0.0, 150.0])
def test_a_strong_l1_is_accepted_because_it_does_not_diverge(rule, l2) -> None:
    n, eta, lmbda = 100, 1.0, 1_000.0
    config = RunConfig(l1=lmbda, l2=l2, l1_rule=rule, learning_rate=eta)
    check_against_data(config, n)
    penalty = penalty_of(config, n)
    w = np.array([-30.0, -1e-3, 0.0, 7.0, 11.0])
    bound = max(30.0, eta * lmbda / n) / (1 - abs(1 - eta * l2 / n) if l2 else 1)
    for _ in range(200):
        scratch = np.empty((penalty.scratch_rows, len(w)))
        penalty.step_before(w, eta, scratch)
        w *= penalty.decay(eta)
        penalty.step_after(w, eta, scratch)
        assert np.abs(w).max() <= bound


def test_l2_exactly_at_the_limit_is_refused() -> None:
    with pytest.raises(FieldError, match=r"below 2, got 0\.5 · 4000 / 1000 = 2"):
        check_against_data(RunConfig(l2=4000, learning_rate=0.5), 1000)


def test_a_mini_batch_larger_than_the_training_set_is_refused() -> None:
    check_against_data(RunConfig(mini_batch_size=13), 13)
    with pytest.raises(FieldError) as caught:
        select(toy_config(mini_batch_size=14), toy_dataset())
    assert caught.value.field == "mini_batch_size"
    assert "at most the number of training examples, 13, got 14" in str(caught.value)


def test_a_tenth_but_at_least_1000_training_examples_are_measured() -> None:
    sample, all_examples = RunConfig(), RunConfig(measure_all=True)
    sizes = (10, 500, 1_000, 3_000, 10_000, 10_010, 50_000)
    assert [measured_examples(sample, n) for n in sizes] == [10, 500, 1_000, 1_000, 1_000, 1_001, 5_000]
    assert [measured_examples(all_examples, n) for n in sizes] == list(sizes)


def test_the_equivalent_lambda_is_proportional_to_the_examples() -> None:
    assert equivalent_lmbda(0.1, 1_000, 50_000) == 5.0
    assert equivalent_lmbda(5.0, 50_000, 1_000) == 0.1
    assert equivalent_lmbda(0.0, 10, 20) == 0.0


@given(lmbda=st.floats(1e-6, 1e3), n_old=st.integers(1, 10**6), n_new=st.integers(1, 10**6))
def test_the_equivalent_lambda_gives_the_same_decay(lmbda: float, n_old: int, n_new: int) -> None:
    assert equivalent_lmbda(lmbda, n_old, n_new) / n_new == pytest.approx(lmbda / n_old, rel=1e-12)


@pytest.mark.parametrize(("field", "sizes"), [("n_old", (0, 5)), ("n_new", (5, 0)), ("n_new", (5, 2.5))])
def test_an_equivalent_lambda_for_no_examples_is_refused(field: str, sizes: tuple[int, int]) -> None:
    with pytest.raises(FieldError, match=f"^{field} must be a whole number"):
        equivalent_lmbda(0.1, *sizes)


# Warnings


def l1_warnings(lmbda: float, n: int, **others: Any) -> list[str]:
    return warnings(RunConfig(l2=0.0, l1=lmbda, drop_probability=0.0, **others), n)


def test_l1_above_any_data_gradient_gives_a_warning() -> None:
    assert l1_warnings(24.9, 100) == []
    (warning,) = l1_warnings(30.0, 100, learning_rate=0.001)
    assert warning.startswith("l1 makes λ/n = 0.3: from 0.25 on ")
    assert "take λ below 25" in warning
    assert l1_warnings(30.0, 100, activation="tanh") == []
    assert "from 0.5 on" in l1_warnings(50.0, 100, activation="tanh")[0]
    for unbounded in ({"activation": "relu"}, {"hidden": ()}):
        assert l1_warnings(1_000.0, 100, **unbounded) == []


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("cost", list(COSTS))
def test_l1_at_the_limit_of_the_warning_makes_all_output_weights_zero(activation: str, cost: str) -> None:
    # Every mini-batch has all examples, so the gradient is the mean in the warning.
    limit = {"sigmoid": 0.25, "tanh": 0.5}[activation]
    config = RunConfig(
        dataset="moons", train_size=60, mini_batch_size=60, epochs=400, hidden=(8,), activation=activation, cost=cost,
        initializer="large", l2=0.0, l1=limit * 60, l1_rule="proximal", drop_probability=0.0, learning_rate=0.1,
    )  # fmt: skip
    assert warnings(config, 60)
    weights = {}
    for lmbda in (config.l1, 0.0):
        config = replace(config, l1=lmbda)
        training = Training(config, select(config, dataset_of(config)))
        while not training.finished:
            training.run(1)
        weights[lmbda] = training.parameters.weights[-1]
    assert not weights[limit * 60].any()
    assert weights[0.0].all()


@pytest.mark.parametrize(("width", "p"), [(10, 0.95), (5, 0.9), (9, 0.95), (3, 0.05), (10, 0.05), (1, 0.5), (20, 0.95)])
def test_dropout_that_rounds_to_all_or_none_gives_a_warning(width: int, p: float) -> None:
    config = RunConfig(hidden=(100, width), drop_probability=p)
    kept = int(masks(config, 2, 1).sum())
    found = warnings(config, 500)
    if 0 < kept < width:
        assert found == []
        return
    (warning,) = found
    how_many = "none" if kept else "every one"
    assert warning.startswith(f"drop_probability of {p:g} rounds to {how_many} of the {width} neurons of hidden lay")
    solutions: list[dict[str, Any]] = [{"hidden": (100, 40)}, {"dropout_count": "bernoulli"}]
    if limit := re.search(r"use (?:less|more) than ([\d.]+)", warning):
        solutions.append({"drop_probability": float(limit[1]) + (1e-6 if kept else -1e-3)})
    assert (limit is None) == (width == 1), "with one neuron, only Bernoulli masks drop it sometimes"
    for solution in solutions:
        assert warnings(replace(config, **solution), 500) == []


def test_input_dropout_that_rounds_gives_a_warning_for_known_features() -> None:
    config = RunConfig(dataset="moons", drop_probability=0.0, input_drop_probability=0.8)
    assert warnings(config, 100) == []
    (warning,) = warnings(config, 100, features=2)
    assert warning.startswith("input_drop_probability of 0.8 rounds to every one of the 2 inputs:")
    assert warnings(config, 100, features=64) == []


def test_the_warning_lists_every_affected_layer() -> None:
    (warning,) = warnings(RunConfig(hidden=(10, 100, 5), drop_probability=0.95), 500)
    assert "of the 10 neurons of hidden layer 1 and the 5 neurons of hidden layer 3:" in warning
