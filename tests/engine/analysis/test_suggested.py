"""Suggested strengths: the table, its nearest case, and what the suggestions bring on the bundled data."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from benchmarks.suggested import CASES, Result, compared, end_accuracies, plain_config, suggested
from engine import RunConfig
from engine.analysis.suggested import FIELDS, Suggestion, suggested_case, suggestion, suggestions, suited_config
from engine.data.planar import PLANAR

MARGIN = 1.0  # points that a suggestion brings at least on the five seeds, where it helps


def test_every_measured_case_has_a_suggestion_for_each_regularizer():
    assert {case[0] for case in suggestions()} == {"digits", "mnist", *PLANAR}
    assert set(suggestions()) == set(CASES)
    for case, found in suggestions().items():
        assert set(found) == set(FIELDS), case
        assert all(each.strength > 0 and math.isfinite(each.gain) and each.error >= 0 for each in found.values())


def test_the_weakest_strength_that_brings_as_much_as_the_best_is_suggested():
    rows: list[Result] = [("digits", 500, 0.3, "l2", strength, 80, gain, 1.0) for strength, gain in
                          [(0.1, 2.0), (0.2, 5.4), (0.5, 6.0), (1.0, 5.9)]]  # fmt: skip
    assert suggested(rows)[4] == 0.2


def test_differences_are_those_of_the_same_seeds():
    mean, gain, error = compared([0.8, 0.7, 0.9], [0.9, 0.9, 0.9])
    assert (mean, gain) == (pytest.approx(90), pytest.approx(10))
    assert error == pytest.approx(10 / math.sqrt(3))


def test_the_nearest_case_of_the_same_data_counts():
    config = RunConfig.demo()
    at_500 = suggestions()["digits", 500, 0.3]
    assert all(suggestion(config, field, size) == at_500[field] for field in FIELDS for size in (400, 500, 700))
    assert suggested_case(config, 120) == ("digits", 100, 0.3)
    assert suggested_case(replace(config, label_noise=0.0), 500) == ("digits", 500, 0.0)
    assert suggested_case(replace(config, dataset="kmnist"), 2_000) == ("mnist", 1000, 0.3)


def test_nothing_is_suggested_for_other_data_and_sizes():
    assert suggestion(replace(RunConfig.demo(), dataset="own:x-1234567890ab"), "l2", 500) is None
    mnist = RunConfig.demo(dataset="mnist")
    assert [suggested_case(mnist, size) is None for size in (0, 249, 250, 4_000, 4_001)] == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_a_gain_that_nobody_sees_does_not_count_as_help():
    assert [Suggestion(1.0, *gain).helps for gain in [(5.0, 2.0), (5.0, 3.0), (0.4, 0.1), (-3.0, 0.1)]] == [
        *(True, False, False, False)
    ]


@pytest.mark.parametrize("name", ["digits", "mnist", *PLANAR])
def test_the_suited_settings_have_the_single_regularizer_that_brings_most(name):
    config = suited_config(name)
    (field,) = [field for field in FIELDS if getattr(config, field)]
    gains = {other: suggestion(config, other, config.train_size).gain for other in FIELDS}
    assert gains[field] == max(gains.values()) > 2
    assert getattr(config, field) == suggestion(config, field, config.train_size).strength


def test_the_page_starts_with_dropout_on_the_digits():
    assert suited_config("digits") == RunConfig.demo(l2=0.0, drop_probability=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if case[0] != "mnist"], ids=str)
def test_the_suggestions_of_a_bundled_set_help_on_five_seeds(case):
    """MNIST takes ten minutes; the table says what was measured there."""
    plain_run = plain_config(*case)
    plain = end_accuracies(plain_run, 5)
    for field, found in suggestions()[case].items():
        _, gain, _ = compared(plain, end_accuracies(replace(plain_run, **{field: found.strength}), 5))
        assert gain == pytest.approx(found.gain, abs=0.3), f"{field}: other libraries may round otherwise"
        assert gain >= MARGIN or not found.helps or found.gain < MARGIN, field
