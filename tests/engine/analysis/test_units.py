"""λ in other units: by loops over single updates, and the reference's own figures."""

from __future__ import annotations

import math

import pytest

from engine.analysis import units


def halved_after(taken: float) -> int:
    """Updates until |w| is at most a half, one after another."""
    w, count = 1.0, 0
    while abs(w) > 0.5:
        w -= taken * w
        count += 1
    return count


@pytest.mark.parametrize("lmbda", [0.01, 1.0, 40.0, 400.0, 799.0, 999.0, 1001.0, 1300.0, 1900.0])
def test_a_half_life_is_when_a_loop_over_the_updates_has_halved_the_weight(lmbda):
    taken = 0.5 * lmbda / 500
    assert math.ceil(units.half_life(0.5, lmbda, 500) - 1e-9) == halved_after(taken)


def test_the_chapters_runs_halve_a_weight_in_138_6_and_2_77_epochs():
    small, full = units.half_life(0.5, 0.1, 1_000), units.half_life(0.5, 5.0, 50_000)
    assert units.epochs(small, 1_000, 10) == pytest.approx(138.6, abs=0.05)
    assert units.epochs(full, 50_000, 10) == pytest.approx(2.77, abs=0.005)
    # the limit for small steps: ln 2 · m/(ηλ) epochs
    assert units.epochs(small, 1_000, 10) == pytest.approx(math.log(2) * 10 / (0.5 * 0.1), rel=1e-4)


def test_a_decay_too_small_to_show_beside_1_still_has_its_half_life():
    assert units.half_life(1e-9, 1e-9, 1) == pytest.approx(math.log(2) * 1e18, rel=1e-12)


def test_where_nothing_shrinks_there_is_no_half_life_and_where_one_update_takes_all_it_is_0():
    assert units.half_life(0.5, 0.0, 500) == math.inf
    assert units.half_life(0.5, 1_000.0, 500) == 0
    assert units.half_life(0.5, 2_000.0, 500) == math.inf


def test_l1_brings_a_weight_to_zero_in_as_many_updates_as_a_loop_takes():
    w, count = 0.8, 0
    while w > 0:
        w -= 0.5 * 2.0 / 500
        count += 1
    assert units.updates_to_zero(0.5, 2.0, 500, 0.8) == pytest.approx(count, abs=1)
    assert units.updates_to_zero(0.5, 2.0, 500, -0.8) == units.updates_to_zero(0.5, 2.0, 500, 0.8)
    assert units.updates_to_zero(0.5, 0.0, 500) == math.inf


def test_a_short_last_mini_batch_counts_as_an_update_of_the_epoch():
    assert units.epochs(30, 95, 10) == 3
    assert units.epochs(30, 101, 10) == pytest.approx(30 / 11)


def test_a_playground_rate_of_1e_3_is_ten_times_the_chapters_λ():
    assert units.playground_rate(0.1, 1_000) == pytest.approx(1e-4)
    assert units.playground_rate(5.0, 50_000) == pytest.approx(1e-4)


@pytest.mark.parametrize(("lmbda", "n", "m"), [(1.0, 500, 10), (5.0, 50_000, 32), (0.1, 1_000, 1)])
def test_every_system_takes_the_same_from_a_weight_in_one_update(lmbda, n, m):
    rate, w = 0.3, 0.7
    ours = units.decay_per_update(rate, lmbda, n) * w
    assert rate * 2 * units.keras_l2(lmbda, n) * w == pytest.approx(ours)  # d/dw x w²
    assert rate * units.pytorch_weight_decay(lmbda, n) * w == pytest.approx(ours)
    assert rate * units.sklearn_alpha(lmbda, n, m) * w / m == pytest.approx(ours)
    assert rate * units.playground_rate(lmbda, n) * w == pytest.approx(ours)
    push = units.decay_per_update(rate, lmbda, n)
    assert rate * units.keras_l1(lmbda, n) == pytest.approx(push)  # d/dw x |w| of a positive weight
    assert rate * units.pytorch_l1(lmbda, n) == pytest.approx(push)
