"""Thinned networks counted: by formula, and by making them all."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine import RunConfig, masks
from engine.analysis.mask_counts import expected_distinct_masks, log10_possible_masks


def dropping(*hidden: int, **fields) -> RunConfig:
    return RunConfig.demo(hidden=hidden, **fields)


@pytest.mark.parametrize(
    ("config", "number"),
    [
        (dropping(6), math.comb(6, 3)),
        (dropping(6, 4, drop_probability=0.25), math.comb(6, 2) * math.comb(4, 1)),
        (dropping(5, 3, dropout_count="bernoulli", drop_probability=0.2), 2**8),
        (dropping(5, drop_probability=0.0), 1),
        (dropping(100), math.comb(100, 50)),
    ],
)
def test_the_possible_thinned_networks_are_counted_by_the_ways_to_choose(config, number):
    assert log10_possible_masks(config) == pytest.approx(math.log10(number), abs=1e-9)


def probabilities(config: RunConfig) -> list[float]:
    """The probability of every mask there is, made one by one."""
    width, p = sum(config.hidden), config.drop_probability
    every = itertools.product((0, 1), repeat=width)
    if config.dropout_count == "exact":
        dropped = round(p * width)
        same = [mask for mask in every if mask.count(0) == dropped]
        return [1 / len(same)] * len(same)
    return [math.prod(p if kept == 0 else 1 - p for kept in mask) for mask in every]


@pytest.mark.parametrize("count", ["exact", "bernoulli"])
@pytest.mark.parametrize("p", [0.3, 0.5])
@pytest.mark.parametrize("draws", [1, 7, 400])
def test_the_expected_number_of_different_masks_is_the_sum_over_every_mask_there_is(count, p, draws):
    config = dropping(7, dropout_count=count, drop_probability=p)
    expected = sum(1 - (1 - probability) ** draws for probability in probabilities(config))
    assert expected_distinct_masks(config, draws) == pytest.approx(expected, rel=1e-9)


def test_the_masks_of_real_runs_are_met_as_often_as_expected_on_average():
    met = []
    for seed in range(60):
        config = dropping(6, seed=seed)
        met.append(len({masks(config, 1, step).tobytes() for step in range(1, 21)}))
    spread = np.std(met) / math.sqrt(len(met))
    assert abs(np.mean(met) - expected_distinct_masks(dropping(6), 20)) < 4 * spread


def test_hardly_any_mask_of_a_wide_network_is_drawn_twice():
    for count in ("exact", "bernoulli"):
        assert expected_distinct_masks(dropping(2_000, dropout_count=count), 5_000) == pytest.approx(5_000)
    assert expected_distinct_masks(dropping(4), 0) == 0
    assert expected_distinct_masks(dropping(4, drop_probability=0.0), 10) == 1
