"""The quantiles of the weights, compared with the weights of a trained run."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts.palette import LIGHT
from dashboard.charts.panels import weight_spread
from engine.analysis.magnitudes import QUANTILES
from tests.dashboard.charts.panels.magnitudes import parameters_after, telemetry_after
from tests.dashboard.watching import config_of, decoded


@pytest.mark.parametrize("name", ["default", "three hidden layers", "no hidden layer"])
def test_the_lines_are_the_quantiles_of_the_weights_at_every_epoch(name):
    config = config_of(name)
    update = weight_spread.update(config, telemetry_after(config, 12))  # three epochs of four mini-batches
    traces = weight_spread.figure(config, LIGHT).data
    for epoch in range(4):
        for layer, W in enumerate(parameters_after(config, epoch)):
            part = slice(layer * 5, layer * 5 + 5)
            found = [float(decoded(trace["y"])[epoch]) for trace in update.traces[part]]
            assert all(decoded(trace["x"]).tolist() == [0, 1, 2, 3] for trace in update.traces[part])
            low, high, inner_low, inner_high, median = np.quantile(W, [0.05, 0.95, 0.25, 0.75, 0.5])
            np.testing.assert_allclose(found, [low, high, inner_low, inner_high, median], atol=1e-5)
            assert [trace.fill for trace in traces[part]] == [None, "tonexty", None, "tonexty", None]
            assert [trace.name for trace in traces[part]] == ["5 %", "5–95 %", "25 %", "25–75 %", "median"]
    assert sorted(share for share, _ in weight_spread.QUANTILE_TRACES) == sorted(QUANTILES)


def test_the_text_has_the_range_of_90_percent_of_the_weights():
    config = config_of("default")
    W = parameters_after(config, 1)
    low, high = (f"{np.quantile(W[1], share):.2f}".replace("-", "−") for share in (0.05, 0.95))
    text = weight_spread.update(config, telemetry_after(config, 4)).text
    assert text.endswith(f"output layer {low} to {high}.")
