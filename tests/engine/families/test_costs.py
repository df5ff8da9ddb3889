"""Costs from z, compared with the formulas of the chapter in a, and for large z, where those overflow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.families.costs import COSTS
from tests.engine import by_hand

Z = st.lists(st.floats(-15, 15), min_size=2, max_size=5)
HUGE = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=5)


def one_hot(z: list[float], label: int) -> np.ndarray:
    return np.eye(len(z))[label % len(z)]


def output_of(cost: str, z: np.ndarray) -> np.ndarray:
    a = z.copy()
    with np.errstate(over="ignore"):
        COSTS[cost].output_activation(a, a)
    return a


def values_of(cost: str, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return COSTS[cost].values(z, y)


def delta_of(cost: str, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    out = np.full_like(z, np.nan)
    with np.errstate(over="ignore"):
        COSTS[cost].delta(z, y, out)
    return out


@pytest.mark.parametrize("cost", by_hand.COSTS)
@given(z=Z, label=st.integers(0, 4))
def test_a_cost_from_z_equals_the_formula_in_a(cost: str, z: list[float], label: int) -> None:
    y = one_hot(z, label)
    a = by_hand.outputs(cost, z)
    assert output_of(cost, np.array(z)) == pytest.approx(a, rel=1e-12)
    # 1 − a loses digits as a approaches 1
    expected = by_hand.cost_of(cost, a, y.tolist())
    assert values_of(cost, np.array(z), y) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("cost", by_hand.COSTS)
@given(z=Z, label=st.integers(0, 4))
def test_the_output_error_equals_the_finite_difference_of_the_cost(cost: str, z: list[float], label: int) -> None:
    y, h = one_hot(z, label), 1e-5

    def cost_at(k: int, offset: float) -> float:
        moved = np.array(z)
        moved[k] += offset
        return float(values_of(cost, moved, y))

    difference = [(cost_at(k, h) - cost_at(k, -h)) / (2 * h) for k in range(len(z))]
    assert delta_of(cost, np.array(z), y) == pytest.approx(difference, abs=1e-8)


@pytest.mark.parametrize("cost", by_hand.COSTS)
@given(z=HUGE, label=st.integers(0, 4))
def test_a_saturated_output_has_a_finite_cost_and_error(cost: str, z: list[float], label: int) -> None:
    y = one_hot(z, label)
    assert np.isfinite(values_of(cost, np.array(z), y))
    assert (np.abs(delta_of(cost, np.array(z), y)) <= 1).all()


def test_the_cost_of_a_wrong_saturated_output_is_the_size_of_z() -> None:
    z, y = np.array([-800.0, 900.0]), np.array([1.0, 0.0])
    assert values_of("cross-entropy", z, y) == pytest.approx(1700, rel=1e-15)  # ln(1 + e^z) ≈ z
    assert values_of("log-likelihood", z, y) == pytest.approx(1700, rel=1e-15)
    assert values_of("quadratic", z, y) == 1.0


@pytest.mark.parametrize("cost", by_hand.COSTS)
def test_costs_of_a_block_of_mini_batches_equal_those_of_each_example(cost: str) -> None:
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(4, 3, 5)), np.eye(5)[rng.integers(0, 5, (4, 3))]
    block = values_of(cost, z, y)
    for i in range(4):
        for j in range(3):
            expected = by_hand.cost_of(cost, by_hand.outputs(cost, z[i, j].tolist()), y[i, j].tolist())
            assert block[i, j] == pytest.approx(expected, rel=1e-12)


@given(z=Z)
def test_softmax_outputs_add_up_to_one_and_ignore_a_shift_of_z(z: list[float]) -> None:
    a = output_of("log-likelihood", np.array(z))
    assert math.fsum(a) == pytest.approx(1, rel=1e-14)
    assert output_of("log-likelihood", np.array(z) + 500) == pytest.approx(a, rel=1e-10)
