"""Futures: each is a valid live change of the config."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import RunConfig
from engine.analysis.futures import UNCHANGED, futures_of
from engine.learning.checkpoint import check_changeable


@pytest.mark.parametrize(
    "config",
    [
        RunConfig.demo(),
        RunConfig.demo(l2=0.0, drop_probability=0.0),
        RunConfig.demo(l2=0.0, l1=2.0, hidden=(), drop_probability=0.0),
        RunConfig.demo(l2=1e6, learning_rate=1e6),
        RunConfig.demo(l2=0.5, l1=0.5, input_drop_probability=0.2),
    ],
)
def test_every_future_is_a_live_change_to_another_valid_config(config):
    futures = futures_of(config)
    assert futures.pop(UNCHANGED) == {}
    assert futures
    for name, fields in futures.items():
        check_changeable(fields)
        assert replace(config, **fields) != config, name


def test_without_a_penalty_removing_or_scaling_one_is_not_offered():
    names = set(futures_of(RunConfig.demo(l2=0.0, drop_probability=0.0)))
    assert names.isdisjoint({"no penalty", "λ × 10", "λ ÷ 10", "no dropout"})
    assert {"L2 instead", "L1 instead", "dropout ½"} <= names


def test_both_penalties_are_scaled_together():
    assert futures_of(RunConfig.demo(l2=1.0, l1=0.5))["λ × 10"] == {"l2": 10.0, "l1": 5.0}


def test_values_beyond_the_limits_are_not_offered():
    assert "λ × 10" not in futures_of(RunConfig.demo(l2=1e6))
    assert "η × 2" not in futures_of(RunConfig.demo(learning_rate=1e6))


def test_without_hidden_neurons_regularizers_of_them_are_not_offered():
    names = set(futures_of(RunConfig(hidden=(), drop_probability=0.5, group_lasso=1.0)))
    assert names.isdisjoint({"no penalty", "λ × 10", "λ ÷ 10", "Group lasso instead", "no dropout"})
    assert "L2 instead" in names


def test_a_penalty_beyond_its_limit_for_the_data_is_not_offered():
    assert "λ × 10" in futures_of(RunConfig(train_size=500, l2=100.0))
    assert "λ × 10" not in futures_of(RunConfig(train_size=500, l2=250.0))  # ηλ/n would be 2.5
