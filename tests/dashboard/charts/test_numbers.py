"""Numbers as texts."""

from __future__ import annotations

import math

import pytest

from dashboard.charts import numbers

NAN = math.nan


@pytest.mark.parametrize(
    ("share", "text"), [(0.871, "87.1 %"), (0.0, "0.0 %"), (1.0, "100.0 %"), (0.87149, "87.1 %"), (NAN, "–")]
)
def test_accuracies_are_percentages_with_one_decimal(share, text):
    assert numbers.percent(share).replace(numbers.THIN_SPACE, " ") == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.183, "+18.3 points"), (-0.052, "−5.2 points"), (0.0, "+0.0 points"), (NAN, "–")]
)
def test_gaps_are_points_with_a_sign(share, text):
    assert numbers.points(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.500"),
        (0.123456, "0.123"),
        (1.005, "1.00"),
        (12.345, "12.3"),
        (100.0, "100"),
        (123.4, "123"),
        (NAN, "–"),
    ],
)
def test_costs_have_three_significant_digits(value, text):
    assert numbers.cost(value) == text


@pytest.mark.parametrize("value", [0.000012345, 1234.5, 5e9, math.inf])
def test_very_small_and_very_large_costs_are_written_correctly(value):
    assert float(numbers.cost(value)) == pytest.approx(value, rel=0.005)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (1000, "1 000"), (12345, "12 345"), (1234567.4, "1 234 567")]
)
def test_counts_have_thin_spaces(value, text):
    assert numbers.count(value) == text.replace(" ", numbers.THIN_SPACE)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5"), (10.0, "10"), (1e-5, "1e-05"), (0.1234567, "0.1234567"), (0.1 + 0.2, "0.30000000000000004")],
)
def test_an_exact_number_is_the_shortest_text_with_the_same_value(value, text):
    assert numbers.exact(value) == text
    assert float(text) == value
