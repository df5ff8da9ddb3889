"""The weights a run began with beside those it has, against the run's own parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import RunConfig, RunData, Training, dataset_of, initial_parameters, select
from engine.analysis.decay import Decay
from engine.learning.checkpoint import Change
from engine.runs.extracts.initial_and_current import (
    MAX_UNUSED_INPUT_WEIGHTS,
    MAX_WEIGHTS,
    WeightComparison,
    compare_weights,
)
from engine.runs.extracts.run_state import RunState


def trained(steps: int, changes: tuple[Change, ...] = (), **fields: Any) -> tuple[Training, WeightComparison]:
    config = RunConfig.demo(**{"train_size": 100, "hidden": (12,), "l2": 5.0, "dtype": "float64", **fields})
    training = Training(config, select(config, dataset_of(config)), changes=changes)
    while training.step < steps:
        training.run(steps - training.step)
    return training, compare_weights(scene_of(training, config))


def scene_of(training: Training, begun: RunConfig) -> RunState:
    made = tuple(training.changes)
    return RunState(training.current_config, begun, made, training.data, training.parameters, training.step)


def silent_inputs(data: RunData) -> list[int]:
    return [j for j, column in enumerate(data.x.T.tolist()) if not any(column)]


def weights_by_start(training: Training, layer: int) -> dict[float, tuple[int, float]]:
    """The input that each weight of a layer comes from and what it is now, by what it began as: no two are alike."""
    initial = initial_parameters(
        training.current_config, *training.parameters.sizes[:: len(training.parameters.sizes) - 1]
    )
    begun, now = initial.weights[layer], training.parameters.weights[layer]
    return {float(begun[j, k]): (j, float(now[j, k])) for j in range(begun.shape[0]) for k in range(begun.shape[1])}


@pytest.mark.parametrize("hidden", [(), (12,), (60, 30)])
def test_every_point_is_one_weight_at_the_start_and_now(hidden):
    training, extract = trained(30, hidden=hidden)
    silent = silent_inputs(training.data)
    assert len(silent) > 2
    sources = []
    for layer, pairs in enumerate((*extract.layers, extract.unused_input_weights)):
        known = weights_by_start(training, layer if layer < len(extract.layers) else 0)
        assert all(
            known[start][1] == now for start, now in zip(pairs.initial.tolist(), pairs.current.tolist(), strict=True)
        )
        sources.append({known[start][0] for start in pairs.initial.tolist()})
        assert len(set(pairs.initial.tolist())) == len(pairs.initial)
    assert not sources[0] & set(silent)
    assert sources[-1] == set(silent)
    sizes = [(64 - len(silent)) * training.parameters.sizes[1], *(W.size for W in training.parameters.weights[1:])]
    assert [len(pairs.initial) for pairs in extract.layers] == [min(MAX_WEIGHTS, size) for size in sizes]
    assert len(extract.unused_input_weights.initial) == min(
        MAX_UNUSED_INPUT_WEIGHTS, len(silent) * training.parameters.sizes[1]
    )


def test_it_is_the_same_weights_at_every_step_and_others_for_another_seed():
    early, late, other = (trained(steps, seed=seed)[1] for steps, seed in ((1, 1), (25, 1), (25, 2)))
    for one, two in zip(
        (*early.layers, early.unused_input_weights), (*late.layers, late.unused_input_weights), strict=True
    ):
        assert one.initial.tolist() == two.initial.tolist()
        assert one.current.tolist() != two.current.tolist()
    assert late.layers[0].initial.tolist() != other.layers[0].initial.tolist()


def test_the_untouched_lie_on_the_line_with_what_was_changed_live():
    changes = (Change(10, {"l2": 20.0}), Change(20, {"learning_rate": 0.1}))
    _, extract = trained(40, changes)
    assert isinstance(extract.decay, Decay)
    expected = (1 - 0.5 * 5 / 100) ** 10 * (1 - 0.5 * 20 / 100) ** 10 * (1 - 0.1 * 20 / 100) ** 20
    assert extract.decay.factor == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(
        extract.unused_input_weights.current, expected * extract.unused_input_weights.initial, atol=1e-12
    )


def test_where_every_input_varies_none_is_untouched():
    _, extract = trained(5, dataset="spirals", label_noise=0.1)
    assert extract.unused_input_weights.initial.size == extract.unused_input_weights.current.size == 0


def test_a_extract_is_a_copy_that_training_on_leaves_alone():
    training, extract = trained(5)
    before = extract.layers[0].current.tolist()
    training.run(3)
    assert extract.layers[0].current.tolist() == before


def test_after_a_halving_there_is_no_line_and_the_reason_is_told():
    training, _ = trained(30)
    made = RunState(
        training.current_config,
        training.current_config,
        (),
        training.data,
        training.parameters,
        training.step,
        halvings=1,
    )
    assert "halved" in str(compare_weights(made).decay)
