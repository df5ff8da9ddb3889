"""Every panel, for runs of every kind, in both themes."""

from __future__ import annotations

import json
import math
from typing import Any

import plotly.graph_objects as go
import pytest

from dashboard.charts import PANELS, Panel, panels_of
from dashboard.charts.palette import THEMES, Palette
from engine import RunConfig
from engine.runs.telemetry import Telemetry
from engine.runs.views import VIEWS
from tests.dashboard.watching import CONFIGS, config_of, decoded, telemetry_of

BOARDS = [(name, config_of(name), panel) for name in CONFIGS for panel in panels_of(config_of(name))]
on_every_board = pytest.mark.parametrize(
    ("config", "panel"),
    [pytest.param(config, panel, id=f"{name}-{panel.name}") for name, config, panel in BOARDS],
)


def empty(panel: Panel, config: RunConfig, palette: Palette) -> dict[str, Any]:
    """A panel's figure as plain JSON; one of words alone has none."""
    if panel.figure is None:
        return {"data": [], "layout": {}}
    return panel.figure(config, palette).to_plotly_json()


def set_dotted(layout: dict[str, Any], name: str, value: Any) -> None:
    *path, last = name.split(".")
    for part in path:
        layout = layout.setdefault(part, {})
    layout[last] = value


@on_every_board
@pytest.mark.parametrize("theme", THEMES)
def test_a_figure_is_one_that_plotly_accepts_also_with_the_data_of_an_update(
    panel: Panel, config: RunConfig, theme: str
):
    figure = empty(panel, config, THEMES[theme])
    go.Figure(figure)  # raises for a property or a value that there is not
    update = panel.update(config, telemetry_of(config))
    # the points of a plane stay where they are: only the regions under them are renewed
    renewed = figure["data"][:1] if panel.name == "boundary" else figure["data"]
    for trace, new in zip(renewed, update.traces, strict=True):
        trace.update(new)
    for name, value in update.layout.items():
        set_dotted(figure["layout"], name, value)
    go.Figure(figure)
    json.dumps(figure["layout"], allow_nan=False)


@on_every_board
def test_the_themes_differ_in_colour_only(panel, config):
    light, dark = (empty(panel, config, THEMES[theme]) for theme in ("light", "dark"))
    assert light != dark
    assert structure(light) == structure(dark)


def structure(part: Any) -> Any:
    """A figure without its colours."""
    if isinstance(part, dict):
        return {key: structure(value) for key, value in part.items() if "color" not in key}
    return [structure(each) for each in part] if isinstance(part, list | tuple) else part


@on_every_board
def test_a_panel_says_what_to_look_for_in_one_line(panel, config):
    look = panel.look(config)
    assert look[0].isupper()
    assert look.endswith(".")
    assert len(look) < 100


@on_every_board
def test_before_anything_is_known_an_update_says_nothing_and_moves_nothing(panel, config):
    update = panel.update(config, Telemetry())
    assert update.layout == {}
    assert update.text == ""
    for trace in update.traces:
        assert all(decoded(array).size == 0 for array in trace.values())


@on_every_board
def test_every_panel_has_something_to_show_and_to_say_of_every_run(panel, config):
    update = panel.update(config, telemetry_of(config))
    shown = [
        trace
        for trace, figure in zip(update.traces, empty(panel, config, THEMES["light"])["data"], strict=False)
        if figure.get("visible", True)
    ]
    assert update.text.endswith(".")
    assert not update.text.endswith("..")
    values = [decoded(trace["z" if "z" in trace else "y"]) for trace in shown]
    if panel.name == "accuracy" and config.label_noise == 0.01:
        values = values[1:]  # there are no wrong labels to be memorized
    if panel.name == "dropout" and not config.hidden:
        values = values[1:]  # there are no neurons to draw, which `look` says
    for value in values:
        assert value.size
        assert not any(math.isnan(number) for number in value.ravel())


def test_only_a_run_of_two_features_has_a_decision_boundary_to_show():
    with_boundary = {name for name, _, panel in BOARDS if panel.name == "boundary"}
    assert with_boundary == {name for name in CONFIGS if name.startswith("two features")}
    for name in CONFIGS:
        others = [panel.name for which, _, panel in BOARDS if which == name and panel.name != "boundary"]
        assert others == ["cost", "accuracy", "weights", "dropout"]


def test_the_names_in_the_table_are_the_panels_own():
    assert [panel.name for panel in PANELS.values()] == list(PANELS)
    parts = {part for panel in PANELS.values() for part in panel.parts}
    assert parts <= {"epochs", "over_time", "status", "costs", *VIEWS}
    assert set(VIEWS) <= parts, "a view that no panel draws"
