"""The traces of a ghost in the figures, and their data in a body."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts.ghosts import BEHIND, Ghost, with_ghost
from dashboard.charts.palette import DARK, LIGHT
from dashboard.charts.panels import cost
from dashboard.charts.panels.catalogue import PANELS
from engine.analysis.regularizers import without_regularizers
from tests.dashboard.watching import CONFIGS, config_of, decoded, telemetry_of

WITH_GHOST = {"boundary", "cost", "accuracy", "weights", "norms"}


def test_the_curves_the_histogram_and_the_boundary_have_a_ghost():
    assert {name for name, panel in PANELS.items() if panel.ghost} == WITH_GHOST


@pytest.mark.parametrize("config_name", sorted(CONFIGS))
@pytest.mark.parametrize("name", sorted(WITH_GHOST))
def test_its_traces_are_the_last_ones_and_grey(name, config_name):
    config, panel = config_of(config_name), PANELS[name]
    if not panel.applies_to(config):
        return
    ghost = panel.ghost(config, telemetry_of(without_regularizers(config)))
    for palette in (LIGHT, DARK):
        traces = panel.figure(config, palette).data
        assert sorted(ghost.traces) == list(range(len(traces) - len(ghost.traces), len(traces)))
        for number in ghost.traces:
            assert traces[number].line.color == palette.ghost
            assert traces[number].showlegend is False
            assert traces[number].type == "contour" or traces[number].zorder == BEHIND
        own = panel.update(config, telemetry_of(config)).traces
        assert len(own) <= len(traces) - len(ghost.traces)
    assert ghost.traces, "a ghost with the same network is visible in every panel"


@pytest.mark.parametrize("name", sorted(WITH_GHOST - {"boundary"}))
def test_its_data_are_those_that_its_own_chart_would_have(name):
    config = config_of("default")
    telemetry = telemetry_of(without_regularizers(config))
    own = PANELS[name].update(without_regularizers(config), telemetry).traces
    own_data = {str(trace["y"]) for trace in own if len(trace.get("y", []))}
    for trace in PANELS[name].ghost(config, telemetry).traces.values():
        assert str(trace["y"]) in own_data


def test_the_boundary_is_between_its_predicted_classes():
    config = config_of("two features and six classes")
    telemetry = telemetry_of(config)
    (trace,) = PANELS["boundary"].ghost(config, telemetry).traces.values()
    regions = decoded(PANELS["boundary"].update(config, telemetry).traces[0]["z"])
    assert np.array_equal(decoded(trace["z"]), regions // 20)


@pytest.mark.parametrize("name", ["weights", "norms"])
@pytest.mark.parametrize("layers", [(), (12, 9)])
def test_a_ghost_with_other_layers_has_no_lines_for_the_weights(name, layers):
    telemetry = telemetry_of(config_of("default", hidden=layers))
    assert PANELS[name].ghost(config_of("default"), telemetry).traces == {}


def test_a_ghost_without_two_features_has_no_boundary():
    telemetry = telemetry_of(config_of("default"))
    assert PANELS["boundary"].ghost(config_of("two features"), telemetry).traces == {}


@pytest.mark.parametrize("ledger", list(cost.LEDGERS))
def test_in_each_ledger_of_the_cost_two_lines_of_the_ghost_are_visible(ledger):
    config = config_of("default")
    (option,) = [option for option in PANELS["cost"].choices(config)[0].options if option.label == ledger]
    visible = [
        cost.GHOST_SERIES[number - cost.FIRST_GHOST_TRACE]
        for number, attributes in option.traces.items()
        if number >= cost.FIRST_GHOST_TRACE and attributes["visible"]
    ]
    expected = {"data cost": ["judge_cost", "training_cost"], "data cost + penalty": ["judge_total", "training_total"]}
    assert visible == expected.get(ledger, ["judge_book", "training_total"])


def test_its_first_line_is_in_the_legend_and_the_others_are_named_in_hover_labels():
    body = {"traces": [{"y": [1]}], "layout": {}, "text": "", "note": ""}
    ghost = Ghost({4: {"name": "validation", "y": [2]}, 3: {"name": "training", "y": [3]}})
    assert with_ghost(body, ghost, "without a regularizer", "without")["traces"] == [
        {"y": [1]},
        {},
        {},
        {"name": "training, without", "y": [3], "showlegend": False},
        {"name": "without a regularizer", "y": [2], "showlegend": True},
    ]


def test_an_axis_contains_both_runs():
    body = {"traces": [], "layout": {"xaxis.range": [-1, 3], "shapes": []}}
    joined = with_ghost(body, Ghost({}, {"xaxis.range": [-2, 2], "yaxis.range": [0, 1]}), "", "")
    assert joined["layout"] == {"xaxis.range": [-2, 3], "yaxis.range": [0, 1], "shapes": []}
    assert body["layout"] == {"xaxis.range": [-1, 3], "shapes": []}
