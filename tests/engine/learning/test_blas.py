"""The prepared product, through BLAS and without it, compared with NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.learning import blas
from engine.learning.blas import prepare_product, shared_factor

CLOSE = {"float32": 1e-5, "float64": 1e-13}


@pytest.fixture(params=["with BLAS", "without BLAS"])
def implementation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "without BLAS":
        monkeypatch.setattr(blas, "_routine", lambda kind: None)
    return request.param


def test_numpy_contains_a_blas_that_can_be_called() -> None:
    # True for wheels from PyPI. Without it, only the fallback would be tested.
    assert blas._routine("f") is not None
    assert blas._routine("d") is not None


@given(
    shape=st.tuples(st.integers(0, 7), st.integers(0, 9), st.integers(0, 8)),
    dtype=st.sampled_from(["float32", "float64"]),
    alpha=st.floats(-2, 2, width=32),
    beta=st.floats(-2, 2, width=32),
    seed=st.integers(0, 99),
    through_blas=st.booleans(),
)
def test_a_product_adds_alpha_times_a_b_to_beta_times_c(
    shape: tuple[int, int, int], dtype: str, alpha: float, beta: float, seed: int, through_blas: bool
) -> None:
    m, k, n = shape
    rng = np.random.default_rng(seed)
    a, b, c = (rng.normal(size=size).astype(dtype) for size in ((m, k), (m, n), (k, n)))
    expected = beta * c.astype(float) + alpha * sum((np.outer(a[i], b[i]) for i in range(m)), np.zeros((k, n)))
    before = a.copy(), b.copy()
    prepare: Any = prepare_product if through_blas else blas._prepare_numpy_product
    prepare(c, a, b, shared_factor(dtype, alpha), shared_factor(dtype, beta))()
    assert c == pytest.approx(expected, abs=20 * CLOSE[dtype])
    assert (a == before[0]).all()
    assert (b == before[1]).all()


def test_a_changed_factor_takes_effect_in_the_next_call(implementation: str) -> None:
    c, a, b = np.ones((2, 3)), np.ones((1, 2)), np.ones((1, 3))
    alpha, beta = shared_factor("float64", 1.0), shared_factor("float64", 1.0)
    call = prepare_product(c, a, b, alpha, beta)
    call()
    assert (c == 2).all()
    alpha.value, beta.value = 10.0, 0.5
    call()
    assert (c == 11).all()


def test_with_zeros_the_weights_are_only_multiplied_by_beta(implementation: str) -> None:
    """The weights of a dropped neuron only decay, to the last bit."""
    rng = np.random.default_rng(0)
    for dtype in ("float32", "float64"):
        c = rng.normal(size=(50, 30)).astype(dtype)
        expected = c * np.dtype(dtype).type(0.99995)
        zeros, b = np.zeros((10, 50), dtype), rng.normal(size=(10, 30)).astype(dtype)
        prepare_product(c, zeros, b, shared_factor(dtype, -0.05), shared_factor(dtype, 0.99995))()
        assert c.tobytes() == expected.tobytes()


def test_arrays_of_wrong_shapes_are_refused() -> None:
    good = np.ones((2, 3)), np.ones((4, 2)), np.ones((4, 3))
    one = shared_factor("float64")
    for bad in (
        (np.ones((3, 2)), good[1], good[2]),
        (good[0], np.ones((5, 2)), good[2]),
        (good[0], good[1], np.ones((4, 3), np.float32)),
        (good[0], np.ones((2, 4)).T, good[2]),
        (np.ones((2, 6))[:, ::2], good[1], good[2]),
    ):
        with pytest.raises(ValueError, match=r"C ← β C|row-major"):
            prepare_product(*bad, one, one)


def test_a_read_only_array_is_refused() -> None:
    frozen = np.ones((2, 3))
    frozen.flags.writeable = False
    one = shared_factor("float64")
    with pytest.raises(ValueError, match="c must be writeable"):
        prepare_product(frozen, np.ones((4, 2)), np.ones((4, 3)), one, one)
    assert (frozen == 1).all()


def test_without_blas_prepared_products_can_share_a_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "_routine", lambda kind: None)
    buffer, one = np.empty(6), shared_factor("float64")
    first, second = np.zeros((2, 3)), np.zeros((3, 1))
    calls = [
        prepare_product(first, np.ones((4, 2)), np.ones((4, 3)), one, one, buffer),
        prepare_product(second, np.ones((5, 3)), np.ones((5, 1)), one, one, buffer),
    ]
    for call in calls * 2:
        call()
    assert (first == 8).all()
    assert (second == 10).all()
