"""The board of one run."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.live.single_run import fork_refusal
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.server.run import Run
from tests.dashboard.watching import config_of


@pytest.mark.parametrize(("step", "forkable"), [(50, True), (70, True), (71, False)])
def test_a_fork_is_possible_within_2_percent_of_the_whole_run(step, forkable):
    """The run has done 130 of its 1,000 updates."""
    run = Run(config_of("default", epochs=20), None)
    run.telemetry.steps_per_epoch, run.telemetry.step = 50, 130
    for each in (0, 50):
        run.telemetry.keyframes.add(Keyframe(each, np.zeros(2)))
    refusal = fork_refusal(run, step)
    assert not refusal if forkable else "Look back at that step to fork" in refusal
