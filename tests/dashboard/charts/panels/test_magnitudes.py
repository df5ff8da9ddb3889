"""Tests of all panels of magnitudes: spread, weights over time, initial and current weights."""

from __future__ import annotations

import json

import plotly.graph_objects as go
import pytest

from dashboard.charts.ghosts import BEHIND
from dashboard.charts.palette import DARK, LIGHT
from dashboard.charts.panels import initial_and_current, weight_spread, weights_over_time
from dashboard.charts.panels.catalogue import PANELS
from engine.runs.history.telemetry import Telemetry
from tests.dashboard.charts.panels.magnitudes import RUN_KINDS, telemetry_after
from tests.dashboard.watching import config_of

NAMES = ("spread", "norms", "then")
each_panel = pytest.mark.parametrize("panel", [PANELS[name] for name in NAMES], ids=NAMES)
each_config = pytest.mark.parametrize("config", RUN_KINDS.values(), ids=list(RUN_KINDS))


@each_panel
@each_config
def test_plotly_accepts_a_figure_with_an_update_in_both_themes(panel, config):
    update = panel.update(config, telemetry_after(config, 9))
    for palette in (LIGHT, DARK):
        figure = json.loads(panel.figure(config, palette).to_json())
        own = [trace for trace in figure["data"] if trace.get("zorder") != BEHIND]
        for trace, new in zip(own, update.traces, strict=True):
            trace.update(new)
        for option in (option for choice in panel.choices(config) for option in choice.options):
            for number, attributes in option.traces.items():
                figure["data"][number].update(attributes)
        go.Figure(figure)
    assert update.text.endswith(".")
    assert update.note.endswith(".") or not update.note
    json.dumps(update.layout, allow_nan=False)


@each_panel
@each_config
def test_captions_fit_a_line(panel, config):
    caption = panel.caption(config)
    assert caption.endswith(".")
    assert len(caption) <= 50


@each_panel
def test_an_update_without_telemetry_is_empty(panel):
    update = panel.update(config_of("default"), Telemetry())
    assert (update.traces, update.layout, update.text, update.note) == ([], {}, "", "")


@each_panel
@each_config
def test_the_options_of_a_choice_set_the_same_keys_and_differ(panel, config):
    for choice in panel.choices(config):
        assert len(choice.options) >= 2
        traces = panel.figure(config, LIGHT).data
        combinations = set()
        for option in choice.options:
            assert option.traces.keys() == choice.options[0].traces.keys()
            assert option.layout.keys() == choice.options[0].layout.keys()
            assert set(option.traces) <= set(range(len(traces)))
            shown = tuple(number for number, attributes in option.traces.items() if attributes["visible"])
            assert shown
            combinations.add(shown)
        assert len(combinations) == len(choice.options)
        initial = {i: {"visible": traces[i].visible is not False} for i in choice.options[0].traces}
        assert initial == choice.options[0].traces, "the figure starts with the first option"


def test_a_network_with_one_layer_has_no_choice_of_layers():
    config = config_of("no hidden layer")
    assert weight_spread.choices(config) == initial_and_current.choices(config) == []
    assert len(weights_over_time.choices(config)) == 1


@pytest.mark.parametrize("name", ["default", "three hidden layers"])
def test_complete_updates_of_the_panels_are_small(name):
    config = config_of(name, epochs=100, hidden=(100,) if name == "default" else (60, 50, 40))
    telemetry = telemetry_after(config, 400)
    for panel in (weight_spread, weights_over_time, initial_and_current):
        assert len(json.dumps(panel.update(config, telemetry).traces)) < 25_000
