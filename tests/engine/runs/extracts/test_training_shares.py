"""How often each neuron trained, compared with single masks and with the spread over many seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import Change, masks
from engine.analysis.mask_counts import expected_distinct_masks
from engine.learning.checkpoint import config_at
from engine.runs.extracts.masks import kept_shares_by_step
from engine.runs.extracts.training_shares import training_shares_of
from tests.engine.runs.driving import small
from tests.engine.runs.extracts.test_committee import run_state_after


def with_counts(run_state):
    """Return the run state with the counts that a worker would have."""
    steps = range(1, run_state.step + 1)
    layers = range(1, len(run_state.initial_config.hidden) + 1)
    counts = [
        kept_shares_by_step(run_state.initial_config, run_state.changes, run_state.data.n, layer, steps).sum(
            axis=0, dtype=np.float64
        )
        for layer in layers
    ]
    return replace(run_state, training_counts=tuple(counts))


def test_shares_equal_the_means_of_the_single_masks():
    config = small(epochs=100, hidden=(12, 5))
    trained = training_shares_of(with_counts(run_state_after(config, 61)))
    assert trained.steps == 61
    for layer, shares in enumerate(trained.shares, start=1):
        each = np.array([masks(config, layer, step) for step in range(1, 62)])
        np.testing.assert_allclose(shares, each.mean(axis=0), rtol=1e-6)
    assert trained.expected_shares == (0.5, 3 / 5), "2 of 5 neurons are dropped: round(2.5) is 2"
    assert trained.expected_visited_networks == pytest.approx(expected_distinct_masks(config, 61))


def test_expected_values_follow_a_change_of_dropout():
    config = small(epochs=100, dropout_count="bernoulli")
    changes = (Change(20, {"drop_probability": 0.25}), Change(30, {"l2": 0.5}))
    trained = training_shares_of(with_counts(run_state_after(config, 50, changes)))
    assert trained.expected_shares == ((20 * 0.5 + 30 * 0.75) / 50,)
    assert trained.steps_since_change == 30
    assert trained.expected_visited_networks == pytest.approx(
        expected_distinct_masks(config_at(config, changes, 50), 30)
    )


@pytest.mark.parametrize(
    "fields", [{}, {"dropout_count": "bernoulli", "drop_probability": 0.3}, {"dropout_mask": "example"}]
)
def test_the_band_is_as_wide_as_the_spread_of_shares_over_seeds(fields):
    shares = []
    for seed in range(40):
        config = small(epochs=100, hidden=(30,), seed=seed, **fields)
        run_state = run_state_after(config, 0)
        counts = kept_shares_by_step(config, (), run_state.data.n, 1, range(1, 81)).sum(axis=0, dtype=np.float64)
        trained = training_shares_of(replace(run_state, step=80, training_counts=(counts,)))
        shares.append(trained.shares[0])
    assert np.std(shares) == pytest.approx(trained.share_deviations[0], rel=0.08)
    assert np.mean(shares) == pytest.approx(trained.expected_shares[0], abs=0.01)


def test_no_shares_before_training_or_without_hidden_neurons():
    assert training_shares_of(run_state_after(small(), 0)) is None
    assert training_shares_of(run_state_after(small(hidden=()), 3)) is None
