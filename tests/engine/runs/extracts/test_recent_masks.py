"""The mask chart has the masks of training, one column for each mini-batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import RunConfig, Training, dataset_of, masks, select
from engine.runs.extracts.recent_masks import MAX_SHOWN_NEURONS, SHOWN_MINI_BATCHES, recent_masks_of
from engine.runs.extracts.run_state import RunState
from tests.engine.runs.driving import small


def run_state_after(config: RunConfig, steps: int) -> RunState:
    training = Training(config, select(config, dataset_of(config)))
    while training.step < steps:
        training.run(steps - training.step)
    return RunState(config, config, (), training.data, training.parameters, training.step)


def expected_masks(config: RunConfig, first: int, last: int, every: int) -> np.ndarray:
    """The chart computed from `masks`, neuron by neuron: 100 for kept and 0 for dropped."""
    columns = []
    for step in range(first, last + 1):
        column: list[int] = []
        for layer in range(1, len(config.hidden) + 1):
            kept = masks(config, layer, step)
            for neuron in range(0, config.hidden[layer - 1], every):
                share = kept[..., neuron].mean()
                column.append(round(100 * float(share)))
        columns.append(column)
    return np.array(columns, np.uint8).T


@pytest.mark.parametrize(
    ("fields", "steps"),
    [
        ({"drop_probability": 0.5}, 7),
        ({"drop_probability": 0.5}, SHOWN_MINI_BATCHES),
        ({"drop_probability": 0.3}, SHOWN_MINI_BATCHES + 37),
        ({"drop_probability": 0.3, "dropout_count": "bernoulli"}, 20),
        ({"hidden": (8, 5, 3), "drop_probability": 0.5}, 30),
        ({"hidden": (8, 5), "drop_probability": 0.4, "dropout_mask": "example"}, 70),
        ({"drop_probability": 0.0}, 5),
    ],
)
def test_the_mask_chart_has_the_masks_of_the_newest_mini_batches(fields: dict[str, Any], steps: int):
    config = small(epochs=100, **fields)
    recent_masks = recent_masks_of(run_state_after(config, steps))
    assert recent_masks.first_step == max(1, steps - SHOWN_MINI_BATCHES + 1)
    assert recent_masks.rows_per_layer == config.hidden
    assert recent_masks.neuron_interval == 1
    np.testing.assert_array_equal(
        recent_masks.kept_percentages, expected_masks(config, recent_masks.first_step, steps, 1)
    )


def test_the_mask_chart_of_a_wide_network_shows_every_third_neuron():
    config = small(hidden=(300, 150, 2), drop_probability=0.5)
    recent_masks = recent_masks_of(run_state_after(config, 12))
    assert recent_masks.neuron_interval == 3
    assert recent_masks.rows_per_layer == (100, 50, 1)
    assert recent_masks.kept_percentages.shape == (151, 12)
    assert len(recent_masks.kept_percentages) <= MAX_SHOWN_NEURONS
    np.testing.assert_array_equal(recent_masks.kept_percentages, expected_masks(config, 1, 12, 3))


def test_a_short_mini_batch_counts_only_its_own_examples():
    config = small(train_size=23, hidden=(9,), drop_probability=0.5, dropout_mask="example")
    recent_masks = recent_masks_of(run_state_after(config, 3))
    short = masks(config, 1, 3)[:3]  # 23 examples in mini-batches of 10: the last one has 3
    assert recent_masks.kept_percentages[:, 2].tolist() == np.rint(100 * short.mean(axis=0)).tolist()


def test_without_a_hidden_layer_the_mask_chart_has_no_rows():
    recent_masks = recent_masks_of(run_state_after(small(hidden=()), 4))
    assert recent_masks.kept_percentages.shape == (0, 4)
    assert recent_masks.rows_per_layer == ()
