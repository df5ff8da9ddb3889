"""Sums and shares over time, compared with the weights of a trained run."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts.panels import weight_spread, weights_over_time
from dashboard.charts.panels.weights import layer_names
from tests.dashboard.charts.panels.magnitudes import RUN_KINDS, parameters_after, telemetry_after
from tests.dashboard.watching import config_of, decoded


@pytest.mark.parametrize("name", ["three hidden layers", "proximal"])
def test_sums_and_shares_are_those_of_the_weights_at_every_epoch(name):
    config = RUN_KINDS[name]
    update = weights_over_time.update(config, telemetry_after(config, 12))
    step = config.learning_rate * (config.l1 or config.l2) / 40
    layers = len(layer_names(config))
    zeros = 0.0
    for epoch in range(4):
        for layer, W in enumerate(parameters_after(config, epoch)):
            expected = [
                (W.astype(float) ** 2).sum(),
                np.abs(W.astype(float)).sum(),
                100 * (W == 0).mean(),
                100 * (np.abs(W) <= step).mean(),
            ]
            found = [decoded(update.traces[k * layers + layer]["y"])[epoch] for k in range(4)]
            np.testing.assert_allclose(found, expected, rtol=1e-5)
            zeros = max(zeros, expected[2])
    assert (zeros > 1) == (name == "proximal")


def test_each_quantity_shows_the_lines_of_its_layers_and_its_axis_title():
    config = config_of("three hidden layers")
    (choice,) = weights_over_time.choices(config)
    assert [option.label for option in choice.options] == [
        "Σw²",
        "Σ|w|",
        "exact zeros",
        "|w| ≤ ηλ/n",
        "neurons at zero",
    ]
    for k, option in enumerate(choice.options):
        shown = [number for number, attributes in option.traces.items() if attributes["visible"]]
        own, ghost = list(range(4 * k, 4 * k + 4)), list(range(20 + 4 * k, 20 + 4 * k + 4))
        assert shown == own + ghost
    assert ["%" in option.layout["yaxis.title.text"] for option in choice.options] == [False, False, True, True, False]


def test_the_text_has_the_sums_and_the_share_of_exact_zeros():
    config = config_of("no hidden layer")
    text = weights_over_time.update(config, telemetry_after(config, 1)).text
    assert text.startswith("Weights now: output layer Σw² ")
    assert "exact zeros 0.0" in text


@pytest.mark.parametrize(
    ("name", "text"), [("L1", "λ of L1"), ("default", "λ of L2"), ("no penalty", "No penalty here makes")]
)
def test_the_explanation_names_the_step_that_small_weights_are_compared_with(name, text):
    assert text in " ".join(weights_over_time.about(config_of(name)))


@pytest.mark.parametrize("panel", [weight_spread, weights_over_time])
def test_a_live_change_has_a_mark_on_the_axis_of_epochs(panel):
    config = config_of("default")
    update = panel.update(config, telemetry_after(config, 12, changed={"l2": 9.0}))
    assert [shape["x0"] for shape in update.layout["shapes"]] == [1.5]
    assert [note["hovertext"] for note in update.layout["annotations"]] == ["epoch 1.5: λ of L2 9"]
