"""Initial and current weights of trained runs: the points and the line of pure decay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashboard.charts.panels import initial_and_current
from tests.dashboard.charts.panels.magnitudes import RUN_KINDS, telemetry_after
from tests.dashboard.watching import config_of, decoded


def drawn_line(update: Any) -> tuple[np.ndarray, np.ndarray]:
    return decoded(update.traces[-1]["x"]), decoded(update.traces[-1]["y"])


@pytest.mark.parametrize("changed", [None, {"l2": 9.0}])
def test_weights_that_only_decay_lie_on_the_drawn_line(changed):
    config = config_of("default", dtype="float64")
    update = initial_and_current.update(config, telemetry_after(config, 12, changed=changed))
    x, y = drawn_line(update)
    untouched = update.traces[2]
    start, now = decoded(untouched["x"]), decoded(untouched["y"])
    assert len(start) > 50
    np.testing.assert_allclose(now, np.interp(start, x, y), atol=1e-6)
    factor = (1 - 0.5 / 40) ** 12 if changed is None else (1 - 0.5 / 40) ** 6 * (1 - 0.5 * 9 / 40) ** 6
    assert f"Line: w = {factor:.3g} w₀." == update.note


def test_the_line_of_l1_has_corners_where_weights_reach_zero():
    config = RUN_KINDS["proximal"]
    update = initial_and_current.update(config, telemetry_after(config, 4))
    x, y = drawn_line(update)
    shift = 4 * 0.5 / 40
    np.testing.assert_allclose(x[1:3], [-shift, shift], rtol=1e-6)
    np.testing.assert_allclose(y, [-x[3] + shift, 0, 0, x[3] - shift], atol=1e-6)
    assert update.note == "Line: w = sgn(w₀) · max(|w₀| − 0.05, 0)."


def test_line_and_points_lie_within_the_axes():
    for config in (RUN_KINDS["L1"], RUN_KINDS["default"], config_of("L1", l1=30.0, learning_rate=1.0)):
        update = initial_and_current.update(config, telemetry_after(config, 12))
        x, _ = drawn_line(update)
        for axis, arrays in (
            ("xaxis", [trace["x"] for trace in update.traces]),
            ("yaxis", [trace["y"] for trace in update.traces[:-1]]),
        ):
            low, high = update.layout[f"{axis}.range"]
            assert all(low <= decoded(array).min() <= decoded(array).max() <= high for array in arrays)
        assert list(x) == sorted(x)


def test_without_a_penalty_the_line_is_the_diagonal():
    config = config_of("no penalty")
    update = initial_and_current.update(config, telemetry_after(config, 9))
    x, y = drawn_line(update)
    assert x.tolist() == y.tolist()
    assert update.note == "Line: w = w₀."


def test_without_a_formula_there_is_no_line_and_the_note_has_the_reason():
    for changes, words in (({"max_norm": 2.0}, "max-norm"), ({"halve_after": 1, "learning_rate": 1e-9}, "halved")):
        config = config_of("default", **changes)
        update = initial_and_current.update(config, telemetry_after(config, 20))
        assert drawn_line(update)[0].size == 0
        assert update.note.startswith("No line: ")
        assert words in update.note
        assert len(decoded(update.traces[2]["y"])) > 50, "the points are shown"


def test_the_initial_weight_of_a_point_is_the_same_in_every_update():
    config = config_of("default")
    early, late = (initial_and_current.update(config, telemetry_after(config, steps)) for steps in (2, 12))
    for one, two in zip(early.traces[:-1], late.traces[:-1], strict=True):
        assert one["x"] == two["x"]
        assert one["y"] != two["y"]
