"""Marks of live changes, of one run and of several runs on one axis."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.charts import marks
from dashboard.charts.overlays.catalogue import OVERLAYS
from engine import Change
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report
from tests.dashboard.charts.overlays.entrants import entrants_of
from tests.dashboard.watching import config_of, telemetry_of


def telemetry_with(*changes: Change) -> Telemetry:
    telemetry = Telemetry()
    telemetry.add_report(Report("running", 100, 0.0, steps_per_epoch=10, changes=changes))
    return telemetry


def test_a_change_has_a_mark_at_its_epoch_and_close_changes_share_one():
    telemetry = telemetry_with(
        Change(50, {"l2": 2.0}), Change(51, {"l2": 3.0}), Change(90, {"drop_probability": 0.0, "max_norm": None})
    )
    found = marks.change_marks(telemetry, epochs=20)
    assert [(mark.epoch, mark.text) for mark in found] == [(5.0, "λ of L2 3"), (9.0, "drop 0, max-norm off")]
    layout = marks.marks_layout(found)
    assert [shape["x0"] for shape in layout["shapes"]] == [5.0, 9.0]
    assert [(flag["text"], flag["hovertext"]) for flag in layout["annotations"]] == [
        ("<b>1</b>", "epoch 5: λ of L2 3"),
        ("<b>2</b>", "epoch 9: drop 0, max-norm off"),
    ]
    assert marks.describe(found) == "2: drop 0, max-norm off · 1: λ of L2 3"


def test_without_marks_the_layout_removes_earlier_marks():
    assert marks.marks_layout([]) == {"shapes": [], "annotations": []}


def test_flags_are_above_the_chart_where_no_curve_is():
    found = [marks.Mark(epoch, "λ of L2 3") for epoch in (1, 2, 3)]
    layout = marks.marks_layout(found, top=0.45)
    assert [(flag["y"], flag["yanchor"]) for flag in layout["annotations"]] == 3 * [(0.45, "bottom")]
    assert [shape["y1"] for shape in layout["shapes"]] == 3 * [0.45]


def test_a_mark_with_a_symbol_does_not_take_a_number():
    found = [marks.Mark(1, "λ of L2 3"), marks.Mark(2, "stopped early", symbol="■"), marks.Mark(3, "drop 0")]
    assert [flag for _, flag in marks.flags(found)] == ["1", "■", "2"]


def test_a_mark_shows_a_value_only_if_all_changed_runs_share_it():
    shared = Change(20, {"l2": 2.0})
    forks = [telemetry_with(shared, Change(60, {"drop_probability": share})) for share in (0.0, 0.25, 0.5)]
    found = marks.change_marks_of_runs([telemetry_with(shared), *forks], epochs=20)
    assert [(mark.epoch, mark.text) for mark in found] == [(2.0, "λ of L2 2"), (6.0, "changed")]


def test_the_mark_of_a_change_of_one_run_shows_its_value():
    found = marks.change_marks_of_runs(
        [telemetry_with(), telemetry_with(Change(60, {"l2": 0.5})), Telemetry()], epochs=20
    )
    assert [(mark.epoch, mark.text) for mark in found] == [(6.0, "λ of L2 0.5")]


@pytest.mark.parametrize("name", ["accuracies", "costs", "gaps", "sums", "sparsity"])
def test_every_overlay_over_epochs_marks_live_changes(name):
    plain, other = entrants_of(2)
    assert OVERLAYS[name].update((plain, other)).layout["shapes"] == []
    telemetry = telemetry_of(config_of("default"), 13)
    step = 2 * telemetry.steps_per_epoch
    telemetry.changes = [Change(step, {"l2": 0.5})]
    layout = OVERLAYS[name].update((plain, replace(other, telemetry=telemetry))).layout
    assert [shape["x0"] for shape in layout["shapes"]] == [2.0]
    assert [flag["hovertext"] for flag in layout["annotations"]] == ["epoch 2: λ of L2 0.5"]
