"""Counts of thinned networks, compared with enumerating them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine import RunConfig, masks
from engine.analysis.mask_counts import expected_distinct_masks, log10_possible_masks


def config_with(*hidden: int, **fields) -> RunConfig:
    return RunConfig.demo(hidden=hidden, **fields)


@pytest.mark.parametrize(
    ("config", "number"),
    [
        (config_with(6), math.comb(6, 3)),
        (config_with(6, 4, drop_probability=0.25), math.comb(6, 2) * math.comb(4, 1)),
        (config_with(5, 3, dropout_count="bernoulli", drop_probability=0.2), 2**8),
        (config_with(5, drop_probability=0.0), 1),
        (config_with(100), math.comb(100, 50)),
    ],
)
def test_the_number_of_thinned_networks_is_a_product_of_binomials(config, number):
    assert log10_possible_masks(config) == pytest.approx(math.log10(number), abs=1e-9)


def probabilities(config: RunConfig) -> list[float]:
    """The probability of every possible mask, by enumeration."""
    width, p = sum(config.hidden), config.drop_probability
    every = itertools.product((0, 1), repeat=width)
    if config.dropout_count == "exact":
        dropped = round(p * width)
        exact_masks = [mask for mask in every if mask.count(0) == dropped]
        return [1 / len(exact_masks)] * len(exact_masks)
    return [math.prod(p if kept == 0 else 1 - p for kept in mask) for mask in every]


@pytest.mark.parametrize("count", ["exact", "bernoulli"])
@pytest.mark.parametrize("p", [0.3, 0.5])
@pytest.mark.parametrize("draws", [1, 7, 400])
def test_the_expected_number_of_distinct_masks_is_a_sum_over_all_masks(count, p, draws):
    config = config_with(7, dropout_count=count, drop_probability=p)
    expected = sum(1 - (1 - probability) ** draws for probability in probabilities(config))
    assert expected_distinct_masks(config, draws) == pytest.approx(expected, rel=1e-9)


def test_runs_have_the_expected_number_of_distinct_masks_on_average():
    distinct_counts = []
    for seed in range(60):
        config = config_with(6, seed=seed)
        distinct_counts.append(len({masks(config, 1, step).tobytes() for step in range(1, 21)}))
    spread = np.std(distinct_counts) / math.sqrt(len(distinct_counts))
    assert abs(np.mean(distinct_counts) - expected_distinct_masks(config_with(6), 20)) < 4 * spread


def test_masks_of_a_wide_network_are_almost_never_repeated():
    for count in ("exact", "bernoulli"):
        assert expected_distinct_masks(config_with(2_000, dropout_count=count), 5_000) == pytest.approx(5_000)
    assert expected_distinct_masks(config_with(4), 0) == 0
    assert expected_distinct_masks(config_with(4, drop_probability=0.0), 10) == 1
