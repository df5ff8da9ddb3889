"""Error bars, compared with the spread over thousands of random samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import FieldError
from engine.analysis.evidence import (
    STUDENT_T_QUANTILES,
    compare_on_examples,
    compare_over_seeds,
    paired_standard_error,
    spread_over_seeds,
    standard_error,
    student_t_quantile,
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.mark.parametrize(("p", "size"), [(0.9, 500), (0.97, 10_000), (0.5, 60)])
def test_the_standard_error_is_the_spread_of_many_test_sets(rng, p, size):
    accuracies = rng.binomial(size, p, 20_000) / size
    assert standard_error(p, size) == pytest.approx(accuracies.std(), rel=0.05)


def test_the_standard_error_is_positive_even_if_all_are_correct():
    assert standard_error(1.0, 10) == pytest.approx(math.sqrt(12 / 14 * 2 / 14 / 14))  # Agresti and Coull, by hand
    assert standard_error(1.0, 10) > standard_error(1.0, 1000) > 0
    assert standard_error(0.3, 50) == pytest.approx(standard_error(0.7, 50))
    assert math.isnan(standard_error(math.nan, 0))


def test_an_accuracy_in_percent_is_refused():
    with pytest.raises(FieldError, match="accuracy must be from 0 to 1, got 87"):
        standard_error(87.0, 100)


def test_the_paired_standard_error_is_the_spread_of_many_test_sets(rng):
    n, rounds = 800, 4_000
    difficulty = rng.random((rounds, n))  # the difficulty of each example for both networks
    one = rng.random((rounds, n)) < 0.95 * (difficulty < 0.92) + 0.2 * (difficulty >= 0.92)
    other = rng.random((rounds, n)) < 0.97 * (difficulty < 0.92) + 0.1 * (difficulty >= 0.92)
    differences = other.mean(axis=1) - one.mean(axis=1)
    paired_error = np.mean([paired_standard_error(a, b) for a, b in zip(one[:200], other[:200], strict=True)])
    assert paired_error == pytest.approx(differences.std(), rel=0.06)
    unpaired_error = math.hypot(standard_error(one.mean(), n), standard_error(other.mean(), n))
    assert paired_error < unpaired_error, "the common difficulty cancels"


def test_equal_predictions_do_not_give_an_error_of_zero():
    same = np.ones(100, dtype=bool)
    assert 0 < paired_standard_error(same, same) < 0.02


def test_networks_measured_on_different_examples_are_refused():
    with pytest.raises(FieldError, match="measure both on the same examples"):
        paired_standard_error(np.ones(3, bool), np.ones(4, bool))


def test_student_t_quantiles_cover_95_percent_of_samples(rng):
    for freedom in (1, 4, 9, 19, 40):
        samples = rng.standard_normal((40_000, freedom + 1))
        t = samples.mean(axis=1) / samples.std(axis=1, ddof=1) * math.sqrt(freedom + 1)
        assert np.mean(np.abs(t) <= student_t_quantile(freedom)) == pytest.approx(0.95, abs=0.004)
    assert list(STUDENT_T_QUANTILES) == sorted(STUDENT_T_QUANTILES, reverse=True)
    assert student_t_quantile(21) < STUDENT_T_QUANTILES[-1] < student_t_quantile(10)
    with pytest.raises(FieldError, match="take two seeds"):
        student_t_quantile(0)


def test_a_spread_equals_that_of_a_loop_and_ignores_nan():
    found = spread_over_seeds([0.9, 0.92, math.nan, 0.88])
    mean = (0.9 + 0.92 + 0.88) / 3
    deviation = math.sqrt(sum((x - mean) ** 2 for x in (0.9, 0.92, 0.88)) / 2)
    assert (found.mean, found.deviation) == (pytest.approx(mean), pytest.approx(deviation))
    assert (found.low, found.high, found.seeds) == (0.88, 0.92, 3)
    assert found.noise == pytest.approx(4.3027 * deviation / math.sqrt(3))
    assert math.isnan(spread_over_seeds([0.9]).noise)
    assert spread_over_seeds([]).seeds == 0


def test_the_interval_of_a_mean_has_a_coverage_of_95_percent(rng):
    covered = sum(
        abs((found := spread_over_seeds(rng.normal(0.9, 0.01, 5).tolist())).mean - 0.9) <= found.noise
        for _ in range(4_000)
    )
    assert covered / 4_000 == pytest.approx(0.95, abs=0.012)


def test_equal_settings_are_called_different_in_5_percent_of_cases(rng):
    different = 0
    for _ in range(4_000):
        shared = rng.normal(0.9, 0.02, 6)  # the effect of a seed on both settings
        different += compare_over_seeds(
            (shared + rng.normal(0, 0.004, 6)).tolist(), (shared + rng.normal(0, 0.004, 6)).tolist()
        ).exceeds_noise
    assert different / 4_000 == pytest.approx(0.05, abs=0.012)


def test_a_verdict_has_the_difference_the_noise_and_a_conclusion():
    clear = compare_over_seeds([0.90, 0.91, 0.92], [0.93, 0.94, 0.95])
    assert str(clear) == "Difference 3.0 points, noise 0.0: more than chance."
    unclear = compare_over_seeds([0.90, 0.91, 0.92], [0.91, 0.905, 0.93])
    assert str(unclear) == "Difference 0.5 points, noise 2.2: could be chance."
    assert str(compare_over_seeds([0.9], [0.95])) == "Nothing to compare yet."
    with pytest.raises(FieldError, match="the same seeds"):
        compare_over_seeds([0.9], [0.9, 0.8])


def test_a_verdict_of_single_runs_mentions_the_single_seed():
    one = np.arange(1_000) < 900
    other = np.arange(1_000) < 903
    verdict = compare_on_examples(one, other)
    assert not verdict.exceeds_noise
    assert str(verdict).endswith("could be chance; one seed: the noise covers only the evaluation examples.")
    assert compare_on_examples(one, np.arange(1_000) < 960).exceeds_noise
