"""The accuracy in the mini-batches of an epoch, a line that is off at first."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts.ghosts import BEHIND
from dashboard.charts.palette import LIGHT
from dashboard.charts.panels import accuracy
from dashboard.live.single_run import SingleRun
from dashboard.replay.frames import frames_of
from engine import Training, dataset_of, select
from engine.runs.history.past_telemetry import telemetry_at
from engine.runs.history.telemetry import MINI_BATCH_ACCURACY
from tests.dashboard.watching import config_of, decoded, run_of, telemetry_of

CONFIG = config_of("default")


def test_the_line_has_the_accuracy_of_every_epoch_from_the_first_on():
    training, expected = Training(CONFIG, select(CONFIG, dataset_of(CONFIG))), []
    telemetry = telemetry_of(CONFIG, steps=20)
    while not training.finished:
        training.run(training.steps_per_epoch)
        expected.append(100 * training.mini_batch_accuracy)
    drawn = accuracy.update(CONFIG, telemetry).traces[accuracy.MINI_BATCH_TRACE]
    assert decoded(drawn["x"]).tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(decoded(drawn["y"]), expected, rtol=1e-6)


def test_the_lines_of_the_ghost_are_behind_and_follow_that_of_the_mini_batches():
    traces = accuracy.figure(CONFIG, LIGHT).data
    assert [i for i, trace in enumerate(traces) if trace.zorder == BEHIND] == [5, 6, 7]
    assert set(accuracy.ghost(CONFIG, telemetry_of(CONFIG)).traces) == {5, 6, 7}
    (switch,) = accuracy.switches(CONFIG)
    assert traces[switch.trace].name == "mini-batches"


@pytest.mark.parametrize(("name", "dropout"), [("default", True), ("no dropout", False)])
def test_its_name_and_explanation_mention_dropout_only_if_it_is_on(name, dropout):
    config = config_of(name)
    texts = [switch.label for switch in accuracy.switches(config)], accuracy.about(config)[-2:]
    assert ["dropout" in "".join(text) for text in texts] == [dropout, dropout]


def test_a_run_of_an_earlier_version_has_no_line_and_a_reason():
    telemetry = telemetry_of(CONFIG)
    assert accuracy.update(CONFIG, telemetry).missing == {}
    del telemetry.over_time[MINI_BATCH_ACCURACY]
    update = accuracy.update(CONFIG, telemetry)
    assert decoded(update.traces[accuracy.MINI_BATCH_TRACE]["y"]).size == 0
    assert "earlier version" in update.missing[accuracy.MINI_BATCH_SWITCH]
    assert "mini-batches" not in update.text
    before_the_first_epoch = telemetry_at(CONFIG, telemetry, 3)
    assert accuracy.update(CONFIG, before_the_first_epoch).missing == {}, "no run has it before its first epoch"


def test_a_replay_has_the_line():
    run = run_of(CONFIG, steps=20)
    expected = 100 * run.telemetry.over_time[MINI_BATCH_ACCURACY].line()[1]
    frames = [frame["panels"] for frame in frames_of(SingleRun(run), ["accuracy"])]
    body = [panels["accuracy"]["body"] for panels in frames if "accuracy" in panels][-1]
    np.testing.assert_allclose(decoded(body["traces"][accuracy.MINI_BATCH_TRACE]["y"]), expected, rtol=1e-6)
