"""Every panel in all code that shows panels; tests/dashboard/charts/panels tests the figures."""

from __future__ import annotations

import json
from functools import lru_cache

import pytest

from dashboard.charts.palette import THEMES
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import CUSTOM, Layout
from dashboard.live.frames.parts import dumps
from dashboard.live.single_run import SingleRun, single_run_contents
from dashboard.replay.frames import frames_of
from dashboard.state import board_layout
from engine.runs.extracts import EXTRACTS
from engine.runs.server.run import Run
from tests.dashboard.watching import config_of, run_of

every_panel = pytest.mark.parametrize("name", PANELS)
CONFIGS = ("default", "two features")  # each panel applies to one of them


@lru_cache
def trained_run(config: str) -> Run:
    return run_of(config_of(config))


def run_for(name: str) -> Run:
    """Return a run to which the panel applies."""
    return next(trained_run(each) for each in CONFIGS if PANELS[name].applies_to(config_of(each)))


@every_panel
def test_a_panel_has_a_unique_name_and_title(name):
    panel = PANELS[name]
    assert panel.name == name
    assert [each.title for each in PANELS.values()].count(panel.title) == 1
    assert panel.telemetry_parts, "without parts a panel would never be updated"
    assert set(panel.telemetry_parts) <= {"epochs", "over_time", "status", "costs", *EXTRACTS}


@every_panel
def test_a_board_mounts_a_panel_and_updates_it(name):
    run = run_for(name)
    (spec,) = single_run_contents(run.initial_config, Layout(CUSTOM, (name,))).panels
    assert (spec["name"], spec["title"]) == (name, PANELS[name].title)
    json.dumps(spec, allow_nan=False)
    body = json.loads(dumps(SingleRun(run).part_body(name)))
    assert body["traces"] or body["rows"]
    assert body["text"].endswith(".")
    for figure in (spec["figures"] or {}).values():
        assert len(body["traces"]) <= len(json.loads(figure)["data"])


@every_panel
def test_a_panel_can_be_looked_back_at_and_replayed(name):
    run = run_for(name)
    _, bodies = SingleRun(run).frame_parts_at(run.telemetry.step, [name])
    assert "trouble" not in bodies[name]
    *_, last = (frame["panels"][name] for frame in frames_of(SingleRun(run), [name]) if name in frame["panels"])
    assert "trouble" not in last["body"]


@every_panel
def test_every_choice_of_a_panel_has_options_for_existing_traces(name):
    panel, config = PANELS[name], run_for(name).initial_config
    for choice in panel.choices(config):
        assert panel.figure is not None
        traces = range(len(panel.figure(config, THEMES["light"]).data))
        labels = [option.label for option in choice.options]
        assert len(set(labels)) == len(labels) >= 2
        assert all(set(option.traces) <= set(traces) for option in choice.options)


@every_panel
def test_a_check_box_of_a_panel_has_a_line_that_is_invisible_at_first(name):
    panel, config = PANELS[name], run_for(name).initial_config
    switches = panel.switches(config)
    assert len({switch.name for switch in switches} | {switch.label for switch in switches}) == 2 * len(switches)
    assert not {switch.name for switch in switches} & {choice.name for choice in panel.choices(config)}
    for switch in switches:
        assert panel.figure is not None
        assert panel.figure(config, THEMES["light"]).data[switch.trace].visible is False


def test_the_menu_offers_every_panel_and_a_link_can_contain_it(open_page):
    page = open_page(layout=CUSTOM, panels=[panel.title for panel in PANELS.values()])
    assert not page.warning
    pills = page.button_group(key=board_layout.PANELS_PARAMETER)
    assert pills.options == [panel.title for panel in PANELS.values()]
    assert pills.value == list(PANELS)
