"""The weight that a person has chosen, and its line."""

from __future__ import annotations

import numpy as np
import pytest

from engine.learning.network import Parameters
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.chosen_weight import choose_weight
from engine.runs.history.past_telemetry import telemetry_at
from engine.runs.history.telemetry import Telemetry
from tests.engine.toys import toy_config

SIZES = (4, 3, 2)


def keyframe(step: int) -> Keyframe:
    flat = np.random.default_rng(step).normal(size=4 * 3 + 3 * 2 + 5).astype(np.float32)
    return Keyframe(step, flat)


@pytest.mark.parametrize("position", [(0, 0, 0), (0, 3, 2), (1, 0, 1), (1, 2, 1)])
def test_the_line_has_the_weight_at_every_keyframe(position):
    keyframes = [keyframe(step) for step in (0, 5, 10, 30)]
    chosen = choose_weight(list(position), SIZES, keyframes, 10)
    x, y = chosen.line.line()
    assert x.tolist() == [0, 0.5, 1, 3]
    layer, row, column = position
    assert y.tolist() == [float(Parameters(SIZES, each.flat).weights[layer][row, column]) for each in keyframes]


@pytest.mark.parametrize(
    "position",
    [None, "0,0,0", [0, 0], [2, 0, 0], [-1, 0, 0], [0, 4, 0], [0, 0, 3], [0, -1, 0], [0, 0.5, 0], [True, 0, 0]],
)
def test_a_position_that_is_no_weight_is_refused(position):
    assert choose_weight(position, SIZES, [], 10) is None


def test_the_past_has_the_line_up_to_its_step():
    telemetry = Telemetry()
    telemetry.step, telemetry.steps_per_epoch = 30, 10
    telemetry.chosen_weight = choose_weight([0, 1, 1], SIZES, [keyframe(step) for step in (0, 5, 10, 30)], 10)
    past = telemetry_at(toy_config(), telemetry, 12)
    assert past.chosen_weight.position == (0, 1, 1)
    assert past.chosen_weight.line.line()[0].tolist() == [0, 0.5, 1]
