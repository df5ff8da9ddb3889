"""Initial and current weights of a run, compared with its own parameters."""

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
    return training, compare_weights(run_state_of(training, config))


def run_state_of(training: Training, initial_config: RunConfig) -> RunState:
    changes = tuple(training.changes)
    return RunState(training.current_config, initial_config, changes, training.data, training.parameters, training.step)


def inputs_always_zero(data: RunData) -> list[int]:
    return [j for j, column in enumerate(data.x.T.tolist()) if not any(column)]


def weights_by_initial_value(training: Training, layer: int) -> dict[float, tuple[int, float]]:
    """The input and the current value of each weight of a layer, by its initial value; all of these differ."""
    initial = initial_parameters(
        training.current_config, *training.parameters.sizes[:: len(training.parameters.sizes) - 1]
    )
    start, now = initial.weights[layer], training.parameters.weights[layer]
    return {float(start[j, k]): (j, float(now[j, k])) for j in range(start.shape[0]) for k in range(start.shape[1])}


@pytest.mark.parametrize("hidden", [(), (12,), (60, 30)])
def test_every_point_is_one_weight_initially_and_now(hidden):
    training, extract = trained(30, hidden=hidden)
    zero_inputs = inputs_always_zero(training.data)
    assert len(zero_inputs) > 2
    sources = []
    for layer, pairs in enumerate((*extract.layers, extract.unused_input_weights)):
        by_initial_value = weights_by_initial_value(training, layer if layer < len(extract.layers) else 0)
        assert all(
            by_initial_value[start][1] == now
            for start, now in zip(pairs.initial.tolist(), pairs.current.tolist(), strict=True)
        )
        sources.append({by_initial_value[start][0] for start in pairs.initial.tolist()})
        assert len(set(pairs.initial.tolist())) == len(pairs.initial)
    assert not sources[0] & set(zero_inputs)
    assert sources[-1] == set(zero_inputs)
    sizes = [(64 - len(zero_inputs)) * training.parameters.sizes[1], *(W.size for W in training.parameters.weights[1:])]
    assert [len(pairs.initial) for pairs in extract.layers] == [min(MAX_WEIGHTS, size) for size in sizes]
    assert len(extract.unused_input_weights.initial) == min(
        MAX_UNUSED_INPUT_WEIGHTS, len(zero_inputs) * training.parameters.sizes[1]
    )


def test_the_weights_shown_depend_on_the_seed_and_not_on_the_step():
    early, late, other = (trained(steps, seed=seed)[1] for steps, seed in ((1, 1), (25, 1), (25, 2)))
    for one, two in zip(
        (*early.layers, early.unused_input_weights), (*late.layers, late.unused_input_weights), strict=True
    ):
        assert one.initial.tolist() == two.initial.tolist()
        assert one.current.tolist() != two.current.tolist()
    assert late.layers[0].initial.tolist() != other.layers[0].initial.tolist()


def test_unused_weights_lie_on_the_decay_line_after_live_changes():
    changes = (Change(10, {"l2": 20.0}), Change(20, {"learning_rate": 0.1}))
    _, extract = trained(40, changes)
    assert isinstance(extract.decay, Decay)
    expected = (1 - 0.5 * 5 / 100) ** 10 * (1 - 0.5 * 20 / 100) ** 10 * (1 - 0.1 * 20 / 100) ** 20
    assert extract.decay.factor == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(
        extract.unused_input_weights.current, expected * extract.unused_input_weights.initial, atol=1e-12
    )


def test_without_constant_inputs_no_weight_is_unused():
    _, extract = trained(5, dataset="spirals", label_noise=0.1)
    assert extract.unused_input_weights.initial.size == extract.unused_input_weights.current.size == 0


def test_an_extract_does_not_change_while_the_run_trains():
    training, extract = trained(5)
    before = extract.layers[0].current.tolist()
    training.run(3)
    assert extract.layers[0].current.tolist() == before


def test_after_a_halving_there_is_a_reason_instead_of_a_line():
    training, _ = trained(30)
    run_state = RunState(
        training.current_config,
        training.current_config,
        (),
        training.data,
        training.parameters,
        training.step,
        halvings=1,
    )
    assert "halved" in str(compare_weights(run_state).decay)
