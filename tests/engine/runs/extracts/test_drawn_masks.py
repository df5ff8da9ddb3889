"""Every drawn mask is the mask that was used: only this mask gives the recorded cost."""

from __future__ import annotations

import numpy as np
import pytest

from engine import RunConfig, Training, dataset_of, select
from engine.learning.checkpoint import Change
from engine.randomness import order_of_examples
from engine.runs.history.past_telemetry import telemetry_at
from tests.engine.runs.driving import InMemoryWorker

KINDS = {
    "one layer": {"hidden": (9,)},
    "two layers": {"hidden": (9, 6)},
    "Bernoulli": {"hidden": (9, 6), "dropout_count": "bernoulli"},
    "one layer, Bernoulli": {"hidden": (9,), "dropout_count": "bernoulli"},
    "inverted scaling": {"hidden": (9, 6), "dropout_scaling": "inverted"},
    "wide enough for compact products": {"hidden": (200,), "mini_batch_size": 50, "train_size": 170},
}


def config_of(kind: str) -> RunConfig:
    common = {"train_size": 77, "mini_batch_size": 10, "epochs": 50, "dtype": "float64", "label_noise": 0.2, "l2": 0.5}
    return RunConfig.demo(**{**common, "cost": "cross-entropy", "activation": "sigmoid", **KINDS[kind]})


def cost_by_hand(weights, biases, x, y, kept, factors) -> float:
    """The mean data cost of a mini-batch through the thinned network: −Σ [y ln a + (1−y) ln(1−a)]."""
    a = x
    for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
        a = 1 / (1 + np.exp(-(a @ W + b)))
        if layer < len(kept):
            a = a * kept[layer] * factors[layer]
    return float(-(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1).mean())


def masks_of(recent_masks, step: int) -> list[np.ndarray]:
    """The column of the mask chart for a step, layer by layer."""
    column = recent_masks.kept_percentages[:, step - recent_masks.first_step]
    assert set(column.tolist()) <= {0, 100}
    return np.split((column == 100).astype(float), np.cumsum(recent_masks.rows_per_layer)[:-1])


CHANGES = [Change(21, {"drop_probability": 0.25}), Change(34, {"drop_probability": 0.8})]


@pytest.mark.parametrize("changes", [[], CHANGES], ids=["unchanged", "live changes"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_drawn_mask_of_a_step_gives_its_recorded_cost(kind, changes):
    config = config_of(kind)
    in_memory = InMemoryWorker(config, watched=("recent_masks",))
    for change in changes:
        in_memory.advance_to(change.step)
        in_memory.command("change", dict(change.fields))
    in_memory.advance_to(60)
    telemetry = in_memory.telemetry()
    recent_masks, costs = telemetry.extracts["recent_masks"], telemetry.mini_batch_cost.line()[1]
    assert len(costs) == 60
    data = select(config, dataset_of(config))
    m, n = config.mini_batch_size, data.n
    batches = -(-n // m)
    checked = 0
    for step in (1, 2, batches, batches + 1, 21, 22, 23, 34, 35, 60):
        before = Training(config, data, changes=changes)
        while before.step < step - 1:
            before.run(step - 1 - before.step)
        epoch, at = divmod(step - 1, batches)
        batch = order_of_examples(config.seed, epoch + 1, n)[at * m : (at + 1) * m]
        p = ([config.drop_probability] + [c.fields["drop_probability"] for c in changes if c.step < step])[-1]
        factor = 1 / (1 - p) if config.dropout_scaling == "inverted" else 1.0
        parameters = before.parameters

        def cost(kept, batch=batch, parameters=parameters, factor=factor):
            factors = [factor] * len(kept)
            return cost_by_hand(parameters.weights, parameters.biases, data.x[batch], data.y[batch], kept, factors)

        drawn = masks_of(recent_masks, step)
        assert cost(drawn) == pytest.approx(costs[step - 1], rel=1e-10, abs=1e-12)
        assert cost([1 - mask for mask in drawn]) != pytest.approx(costs[step - 1], rel=1e-6), (
            "another mask gives another cost"
        )
        past = telemetry_at(config, telemetry, step).extracts["recent_masks"]
        assert [mask.tolist() for mask in masks_of(past, step)] == [mask.tolist() for mask in drawn]
        checked += 1
    assert checked == 10
