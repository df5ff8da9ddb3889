"""The board of one run."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dashboard.live.single_run import SingleRun, fork_refusal
from engine.runs import states
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.server.run import Run
from tests.dashboard.watching import config_of, run_of, telemetry_of


@pytest.mark.parametrize(("step", "forkable"), [(50, True), (70, True), (71, False)])
def test_a_fork_is_possible_within_2_percent_of_the_whole_run(step, forkable):
    """The run has done 130 of its 1,000 updates."""
    run = Run(config_of("default", epochs=20), None)
    run.telemetry.steps_per_epoch, run.telemetry.step = 50, 130
    for each in (0, 50):
        run.telemetry.keyframes.add(Keyframe(each, np.zeros(2)))
    refusal = fork_refusal(run, step)
    assert not refusal if forkable else "Look back at that step to fork" in refusal


def test_a_chosen_weight_is_shown_at_once():
    run = run_of(config_of("default"))
    calls, before = [], run.telemetry.sequence_numbers["tug"]
    run.add_listener(lambda: calls.append(run.telemetry.chosen_weight))
    SingleRun(run).choose_weight([1, 4, 2])
    assert [chosen.position for chosen in calls] == [(1, 4, 2)]
    assert run.telemetry.sequence_numbers["tug"] == before + 1
    text = json.dumps(SingleRun(run).part_body("tug")["traces"])
    assert "hidden neuron 5 \\u2192 output for 2" in text
    assert "hidden neuron 5 \\u2192 output for 2" in json.dumps(SingleRun(run).frame_parts_at(6, ["tug"])[1])


@pytest.mark.parametrize("position", [None, [], [9, 0, 0], [0, 64, 0], "tug", {"layer": 0}])
def test_a_weight_that_does_not_exist_changes_nothing(position):
    run = run_of(config_of("default"))
    run.add_listener(lambda: pytest.fail("nothing has changed"))
    SingleRun(run).choose_weight(position)
    assert run.telemetry.chosen_weight is None


def test_the_panels_are_in_slow_motion_at_the_pace_of_the_run_and_at_its_earlier_steps():
    run = run_of(config_of("default"))
    for pace, columns in ((5.0, 12), (None, 100), (1.0, 12), (25.0, 100)):
        run.set_pace(pace)
        for body in (SingleRun(run).part_body("dropout"), SingleRun(run).frame_parts_at(9, ["dropout"])[1]["dropout"]):
            low, high = body["layout"]["xaxis.range"]
            assert high - low == columns


def test_a_change_of_pace_while_paused_is_drawn_even_if_a_viewer_reads_at_that_moment(monkeypatch):
    run = run_of(config_of("default"))
    run.state = states.PAUSED
    watched, seen = SingleRun(run), []

    def read(*arguments):
        watched.part_body("dropout")
        watched.frame_parts_at(9, ["dropout"])

    monkeypatch.setattr(run, "send", read)  # while the worker is informed
    run.add_listener(lambda: seen.append(dict(run.telemetry.sequence_numbers)))
    before = dict(run.telemetry.sequence_numbers)
    run.set_pace(1.0)
    for part in ("recent_masks", "network"):
        assert seen[-1][part] > before[part]
    low, high = watched.part_body("dropout")["layout"]["xaxis.range"]
    assert high - low == 12


def test_a_resumed_run_keeps_its_pace_and_its_chosen_weight():
    run, stored = run_of(config_of("default")), telemetry_of(config_of("default"), 6)
    run.set_pace(2.0)
    SingleRun(run).choose_weight([1, 4, 2])
    numbers = dict(run.telemetry.sequence_numbers)
    stored.replace(run.telemetry)
    assert stored.is_slow
    assert stored.chosen_weight.position == (1, 4, 2)
    assert stored.chosen_weight.line.line()[0].max() <= stored.epoch_of(stored.step)
    assert all(stored.sequence_numbers[part] > number for part, number in numbers.items())
