"""Activations, compared with the standard library and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.families.activations import ACTIVATIONS
from tests.engine import by_hand

POINTS = np.array([-40.0, -3.0, -0.7, -1e-3, 1e-3, 0.5, 2.0, 36.0])


def apply(name: str, z: np.ndarray) -> np.ndarray:
    a = z.copy()
    with np.errstate(over="ignore"):
        ACTIVATIONS[name].apply(a, a)
    return a


def slope_at(name: str, z: np.ndarray) -> np.ndarray:
    out = np.full_like(z, np.nan)
    ACTIVATIONS[name].slope(apply(name, z), out)
    return out


@pytest.mark.parametrize("name", by_hand.ACTIVATIONS)
def test_an_activation_follows_its_formula(name: str) -> None:
    assert apply(name, POINTS) == pytest.approx([by_hand.activation(name, z) for z in POINTS], rel=1e-14)


@pytest.mark.parametrize("name", by_hand.ACTIVATIONS)
def test_a_slope_equals_the_finite_difference(name: str) -> None:
    h = 1e-5
    difference = (apply(name, POINTS + h) - apply(name, POINTS - h)) / (2 * h)
    assert slope_at(name, POINTS) == pytest.approx(difference, abs=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_sigmoid_is_0_or_1_if_the_exponential_overflows(dtype: type) -> None:
    a = apply("sigmoid", np.array([-1e30, -1000, 0, 1000, 1e30], dtype=dtype))
    assert a.tolist() == [0, 0, 0.5, 1, 1]


@pytest.mark.parametrize("name", by_hand.ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_slope_is_finite_at_saturation(name: str, dtype: type) -> None:
    slopes = slope_at(name, np.array([-1000, 1000], dtype=dtype))
    assert slopes.dtype == dtype
    assert slopes.tolist() == ([0, 1] if name == "relu" else [0, 0])


def test_the_slope_of_relu_at_its_kink_is_0() -> None:
    assert slope_at("relu", np.array([-0.0, 0.0, math.ulp(0.0)])).tolist() == [0, 0, 1]
