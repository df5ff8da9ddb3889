"""Every panel for all kinds of runs in both themes."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.charts.palette import THEMES, Palette
from dashboard.charts.panel import Panel
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import CUSTOM, LAYOUTS, MAX_CELLS, panels_of
from engine import RunConfig
from engine.runs.extracts import EXTRACTS
from engine.runs.history.telemetry import Telemetry
from tests.dashboard.watching import CONFIGS, config_of, decoded, telemetry_of

BOARDS = [
    (name, config_of(name), panel) for name in CONFIGS for panel in PANELS.values() if panel.applies_to(config_of(name))
]
telemetry_of_run = lru_cache(telemetry_of)  # drawing does not change the telemetry
on_every_board = pytest.mark.parametrize(
    ("config", "panel"),
    [pytest.param(config, panel, id=f"{name}-{panel.name}") for name, config, panel in BOARDS],
)


def figure_json(panel: Panel, config: RunConfig, palette: Palette) -> dict[str, Any]:
    """Return the figure of a panel as JSON, empty for a panel without a chart."""
    if panel.figure is None:
        return {"data": [], "layout": {}}
    return panel.figure(config, palette).to_plotly_json()


def set_dotted(layout: dict[str, Any], name: str, value: Any) -> None:
    """Set an attribute of a layout by its dotted name."""
    *path, last = name.split(".")
    for part in path:
        layout = layout.setdefault(part, {})
    layout[last] = value


@on_every_board
@pytest.mark.parametrize("theme", THEMES)
def test_plotly_accepts_a_figure_with_and_without_an_update(panel: Panel, config: RunConfig, theme: str):
    figure = figure_json(panel, config, THEMES[theme])
    go.Figure(figure)  # raises for an unknown property or value
    update = panel.update(config, telemetry_of_run(config))
    # an update of a decision boundary has only the regions, not the points
    assert len(update.traces) <= len(figure["data"])
    for trace, new in zip(figure["data"], update.traces, strict=False):
        bits = {
            name: decoded(value) for name, value in new.items() if isinstance(value, dict) and value["dtype"] == "bits"
        }
        trace.update(new | bits)
    for name, value in update.layout.items():
        set_dotted(figure["layout"], name, value)
    go.Figure(figure)
    json.dumps(figure["layout"], allow_nan=False)


@on_every_board
def test_the_themes_differ_in_colour_only(panel, config):
    light, dark = (figure_json(panel, config, THEMES[theme]) for theme in ("light", "dark"))
    assert light != dark or panel.figure is None
    assert structure(light) == structure(dark)


def structure(part: Any) -> Any:
    """Return a figure without its colours."""
    if isinstance(part, dict):
        return {key: structure(value) for key, value in part.items() if "color" not in key}
    return [structure(each) for each in part] if isinstance(part, list | tuple) else part


@on_every_board
def test_a_panel_has_a_caption_of_one_line(panel, config):
    caption = panel.caption(config)
    assert caption[0].isupper()
    assert caption.endswith(".")
    assert len(caption) <= 80


@on_every_board
def test_an_update_without_telemetry_is_empty(panel, config):
    update = panel.update(config, Telemetry())
    assert update.layout == {}
    assert update.text == ""
    assert update.note == ""
    assert not update.rows
    for trace in update.traces:
        assert all(decoded(array).size == 0 for array in trace.values())


@on_every_board
def test_every_panel_has_data_and_a_text_for_every_run(panel, config):
    update = panel.update(config, telemetry_of_run(config))
    caption = panel.caption(config)
    if "nothing to drop" in caption or "is off" in caption:
        return  # the caption explains why the panel is empty
    assert update.text.endswith(".")
    assert not update.text.endswith("..")
    if panel.figure is None:
        assert update.rows
        assert all(row.label and row.value for row in update.rows)
        return
    figures = figure_json(panel, config, THEMES["light"])["data"]
    shown = [trace for trace, figure in zip(update.traces, figures, strict=False) if figure.get("visible", True)]
    values = [decoded(trace["z" if "z" in trace else "y"]) for trace in shown if {"y", "z"} & set(trace)]
    assert any(value.size and np.isfinite(value).any() for value in values)
    assert not any(np.isinf(value).any() for value in values)


def test_two_features_have_a_decision_boundary_and_images_have_pictures():
    with_boundary = {name for name, _, panel in BOARDS if panel.name == "boundary"}
    assert with_boundary == {name for name in CONFIGS if name.startswith("two features")}
    assert {name for name, _, panel in BOARDS if panel.name == "wrong"} == set(CONFIGS) - with_boundary
    with_pictures = {name for name, _, panel in BOARDS if panel.name == "pictures"}
    assert with_pictures == set(CONFIGS) - with_boundary - {"no hidden layer"}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", CONFIGS)
def test_a_layout_has_five_to_the_maximum_number_of_cells(layout, name):
    config = config_of(name)
    panels = panels_of(config, layout)
    assert all(panel.applies_to(config) for panel in panels)
    assert 5 <= sum(4 if panel.is_large else 1 for panel in panels) <= MAX_CELLS
    assert len({panel.name for panel in panels}) == len(panels)


def test_a_custom_layout_has_the_chosen_panels_and_ignores_unknown_names():
    chosen = ("dropout", "no such panel", "boundary", "cost")
    assert [panel.name for panel in panels_of(config_of("default"), CUSTOM, chosen)] == ["dropout", "cost"]
    assert panels_of(config_of("default"), "no such layout") == panels_of(config_of("default"))


def test_the_keys_of_the_table_are_the_names_of_the_panels():
    assert [panel.name for panel in PANELS.values()] == list(PANELS)
    parts = {part for panel in PANELS.values() for part in panel.telemetry_parts}
    assert parts <= {"epochs", "over_time", "status", "costs", *EXTRACTS}
    assert set(EXTRACTS) <= parts, "a panel draws every extract"
