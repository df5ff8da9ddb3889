"""Penalties of single weights, compared with the update formulas of the chapter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import RunConfig
from engine.families.penalties import penalty_of
from engine.families.penalties.l1 import L1, L1_RULES, ClippedL1
from engine.families.penalties.l2 import L2
from engine.families.penalties.max_norm import MaxNorm
from engine.families.penalties.penalty import CHUNK_WEIGHTS, Penalty, weight_chunks
from engine.families.penalties.sum import PenaltySum
from tests.engine import by_hand
from tests.engine.toys import toy_config

N = 20
WEIGHTS = st.lists(st.floats(-3, 3), min_size=1, max_size=8)
KINDS = {
    "L2": {"l2": 4.0},
    "L2 beyond the sign flip": {"l2": 60.0},
    "L1": {"l1": 3.0},
    "elastic net": {"l1": 3.0, "l2": 4.0},
    "elastic net beyond the sign flip": {"l1": 3.0, "l2": 60.0},
}
ALL = [
    pytest.param({**change, "l1_rule": rule}, id=f"{kind}, {rule}")
    for kind, change in KINDS.items()
    for rule in (L1_RULES if "l1" in change else L1_RULES[:1])
]


def update_weights(config: RunConfig, w: list[float], data_step: list[float]) -> np.ndarray:
    """The weights after one update: the step before, the data step and the step after."""
    penalty = penalty_of(config, N)
    new, scratch = np.array(w), np.full((penalty.scratch_rows, len(w)), np.nan)
    penalty.step_before(new, config.learning_rate, scratch)
    new = penalty.decay(config.learning_rate) * new + data_step
    penalty.step_after(new, config.learning_rate, scratch)
    return new


@pytest.mark.parametrize("change", ALL)
@given(w=WEIGHTS, data=st.data())
def test_an_update_of_a_weight_follows_its_formula(change: dict, w: list[float], data: st.DataObject) -> None:
    config = toy_config(**change)
    data_step = data.draw(st.lists(st.floats(-1, 1), min_size=len(w), max_size=len(w)))
    by_formula = [by_hand.new_weight(config, N, *pair) for pair in zip(w, data_step, strict=True)]
    assert update_weights(config, w, data_step) == pytest.approx(by_formula, abs=1e-14)


@pytest.mark.parametrize("change", ALL)
@given(w=WEIGHTS)
def test_the_value_of_a_penalty_follows_its_formula(change: dict, w: list[float]) -> None:
    config = toy_config(**change)
    penalty = penalty_of(config, N)
    expected = math.fsum(config.l2 / (2 * N) * v * v + config.l1 / N * abs(v) for v in w)
    assert penalty.value([], np.array(w)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("change", [{"l2": 4.0}, {"l1": 3.0}, {"l1": 3.0, "l2": 4.0}])
@given(w=st.lists(st.floats(0.01, 3), min_size=1, max_size=5), signs=st.lists(st.booleans(), min_size=5, max_size=5))
def test_the_step_is_minus_eta_times_the_finite_difference(change: dict, w: list[float], signs: list[bool]) -> None:
    config, h = toy_config(**change), 1e-6
    w = [v if plus else -v for v, plus in zip(w, signs, strict=False)]
    penalty = penalty_of(config, N)
    step = update_weights(config, w, [0.0] * len(w)) - w
    for i in range(len(w)):
        up, down = np.array(w), np.array(w)
        up[i] += h
        down[i] -= h
        difference = (penalty.value([], up) - penalty.value([], down)) / (2 * h)
        assert step[i] == pytest.approx(-config.learning_rate * difference, abs=1e-8)


@pytest.mark.parametrize("change", ALL)
def test_weights_of_several_chunks_follow_the_formula(change: dict) -> None:
    """The weights at the boundaries of chunks are compared."""
    config = toy_config(**change)
    rng = np.random.default_rng(7)
    w, data_step = rng.normal(size=(2, 2 * CHUNK_WEIGHTS + 5))
    indices = np.r_[0:5, CHUNK_WEIGHTS - 3 : CHUNK_WEIGHTS + 3, 2 * CHUNK_WEIGHTS - 3 : 2 * CHUNK_WEIGHTS + 5]
    expected = [by_hand.new_weight(config, N, float(w[i]), float(data_step[i])) for i in indices]
    assert update_weights(config, w.tolist(), data_step.tolist())[indices] == pytest.approx(expected, abs=1e-14)


class Cubic(Penalty):
    """(λ/4n) Σ w⁴: the step of an update is −(ηλ/n) w³."""

    acts_before = True

    def step_before(self, W: np.ndarray, learning_rate: float, scratch: np.ndarray) -> None:
        for part, buffer in weight_chunks(W, scratch):
            np.power(part, 3, out=buffer)
            buffer *= learning_rate * self.strength / self.n
            part -= buffer


@pytest.mark.parametrize("l2", [4.0, 60.0], ids=["decay keeps the sign", "decay flips the sign"])
@pytest.mark.parametrize("clipped", [False, True])
@pytest.mark.parametrize("cubic_first", [False, True])
def test_two_explicit_steps_and_a_decay_use_the_old_weight(l2, clipped, cubic_first) -> None:
    eta, l1, cubic = 0.5, 3.0, 2.0
    explicit: list[Penalty] = [(ClippedL1 if clipped else L1)(l1, N), Cubic(cubic, N)]
    penalties = PenaltySum([L2(l2, N), *(reversed(explicit) if cubic_first else explicit)])
    rng = np.random.default_rng(11)
    W, data_step = rng.normal(scale=0.3, size=(2, 3, CHUNK_WEIGHTS // 2))  # more than one chunk
    expected = []
    for w, data in zip(W.ravel().tolist(), data_step.ravel().tolist(), strict=True):
        u = w - eta * l2 / N * w - eta * l1 / N * np.sign(w) - eta * cubic / N * w**3 + data
        expected.append(0.0 if clipped and u * w < 0 else u)
    scratch = np.full((penalties.scratch_rows, W.size), np.nan)
    penalties.step_before(W, eta, scratch)
    W = penalties.decay(eta) * W + data_step
    penalties.step_after(W, eta, scratch)
    np.testing.assert_allclose(W.ravel(), expected, atol=1e-14)
    assert (np.count_nonzero(W) < W.size) == clipped


@pytest.mark.parametrize("change", ALL)
def test_a_penalty_without_explicit_steps_only_decays(change: dict) -> None:
    """Training does not call `step_before` and `step_after` then, so they must have no effect."""
    penalty = penalty_of(toy_config(**change), N)
    w = np.array([1.0, -2.0, 0.0, 0.01])
    old, scratch = w.copy(), np.empty((1, 4))
    penalty.step_before(w, 0.5, scratch)
    penalty.step_after(w, 0.5, scratch)
    assert penalty.has_explicit_steps == (w.tolist() != old.tolist())


def test_l1_does_not_move_a_weight_at_zero() -> None:
    for rule in L1_RULES:
        assert update_weights(toy_config(l1=3.0, l1_rule=rule), [0.0, -0.0], [0.0, 0.0]).tolist() == [0, 0]


@pytest.mark.parametrize("rule", ["clip", "proximal"])
@pytest.mark.parametrize("l2", [0.0, 4.0])
def test_clip_and_proximal_stop_at_zero_and_weights_can_leave_it(rule: str, l2: float) -> None:
    config = toy_config(l1=3.0, l2=l2, l1_rule=rule)
    push = config.learning_rate * config.l1 / N
    stopped = update_weights(config, [push / 2, -push / 2], [0.0, 0.0])
    assert stopped.tolist() == [0, 0]
    moved = update_weights(config, stopped.tolist(), [2 * push, -2 * push])
    assert moved[0] > 0 > moved[1]


def test_the_subgradient_overshoots_zero() -> None:
    config = toy_config(l1=3.0)
    push = config.learning_rate * config.l1 / N
    assert update_weights(config, [push / 4], [0.0]) == pytest.approx([-3 * push / 4])


def test_there_is_no_penalty_with_strength_zero() -> None:
    for rule in L1_RULES:
        assert not penalty_of(toy_config(l1=0, l2=0, l1_rule=rule), N)


def test_a_weight_without_gradient_halves_in_the_published_time() -> None:
    # η = 0.5, λ = 0.1, n = 1,000 and m = 10: 138.6 epochs of 100 updates
    w, penalty = np.array([1.0]), L2(0.1, 1_000)
    for _ in range(13_860):
        w *= penalty.decay(0.5)
    assert w[0] == pytest.approx(0.5, abs=1.3e-4)  # 138.6 is rounded to five updates


@given(
    columns=st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=3), min_size=1, max_size=4),
    bound=st.floats(0.05, 6),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_max_norm_scales_only_the_neurons_above_it(columns: list, bound: float, dtype: type) -> None:
    W = np.array(columns, dtype=dtype).T.copy()
    old = W.copy()
    MaxNorm(bound, N).step_after(W, 0.5, np.empty(0))
    close = 1e-5 if dtype is np.float32 else 1e-12
    for k in range(W.shape[1]):
        norm = math.sqrt(math.fsum(float(w) ** 2 for w in old[:, k]))
        if norm <= bound * (1 - close):
            assert W[:, k].tolist() == old[:, k].tolist()
        else:
            assert W[:, k] == pytest.approx(old[:, k].astype(float) * min(1, bound / norm), rel=close, abs=1e-30)
            assert np.linalg.norm(W[:, k].astype(float)) <= bound * (1 + close)
