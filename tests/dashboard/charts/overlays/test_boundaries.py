"""The boundaries of several runs side by side, compared with the panel of one run."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import pytest

from dashboard.charts.overlays import boundaries
from dashboard.charts.overlays.catalogue import ALL_PANELS, BOUNDARIES, OVERLAYS, panels_of_runs
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.line_styles import line_styles_of
from dashboard.charts.palette import THEMES
from dashboard.charts.panels import boundary
from dashboard.live.frames.bodies import panel_body
from dashboard.live.frames.parts import dumps
from engine import RunConfig
from engine.analysis.twins import race_twins
from tests.dashboard.watching import config_of, decoded, telemetry_of

MAX_CHARACTERS = 21_000  # of the body of four runs: 60 · 60 bytes each, in base64


def entrants_of(name: str = "two features", count: int = 4) -> tuple[Entrant, ...]:
    twins = race_twins(config_of(name, drop_probability=0.5), "none, L2, L1, dropout")
    return tuple(Entrant(twin.name, twin.config, telemetry_of(twin.config)) for twin in twins[:count])


def regions(figure: go.Figure) -> list[Any]:
    return [trace for trace in figure.data if trace.type == "heatmap"]


@pytest.mark.parametrize("name", ["two features", "two features and six classes"])
@pytest.mark.parametrize("theme", THEMES)
def test_each_run_has_the_regions_and_points_of_its_own_panel(name, theme):
    entrants = entrants_of(name)
    figure = boundaries.figure(entrants, THEMES[theme])
    update = boundaries.update(entrants)
    assert [trace.name for trace in regions(figure)] == [entrant.name for entrant in entrants]
    for i, entrant in enumerate(entrants):
        alone = boundary.figure(entrant.current_config, THEMES[theme])
        assert regions(figure)[i].colorscale == alone.data[0].colorscale
        expected = boundary.update(entrant.current_config, entrant.telemetry).traces[0]
        assert update.traces[i] == expected
        go.Heatmap(**{**expected, "z": decoded(expected["z"]).tolist()})
        axis = "x" if i == 0 else f"x{i + 1}"
        names = {trace.name for trace in figure.data if trace.xaxis == axis and trace.type == "scatter"}
        assert names == {trace.name for trace in alone.data if trace.type == "scatter"}


def test_the_boundaries_are_side_by_side_with_the_names_in_the_colours_of_the_runs():
    entrants = entrants_of()
    figure = boundaries.figure(entrants, THEMES["light"])
    axes = [figure.layout["xaxis" if i == 0 else f"xaxis{i + 1}"] for i in range(4)]
    edges = [edge for axis in axes for edge in axis.domain]
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == (0, pytest.approx(1))
    assert len({round(right - left, 6) for left, right in (axis.domain for axis in axes)}) == 1
    styles = line_styles_of([entrant.current_config for entrant in entrants])
    assert [axis.linecolor for axis in axes] == [style.light for style in styles]
    assert [note.text for note in figure.layout.annotations] == [f"<b>{entrant.name}</b>" for entrant in entrants]


def test_names_are_escaped_and_short():
    (entrant,) = entrants_of(count=1)
    figure = boundaries.figure((replace(entrant, name="<i>" + "a" * 50),), THEMES["light"])
    text = figure.layout.annotations[0].text
    assert text.startswith("<b>&lt;i&gt;aaa")
    assert text.endswith("a…</b>")


@pytest.mark.parametrize(("count", "longest"), [(1, 30), (2, 30), (3, 24), (4, 18)])
def test_names_of_more_runs_are_shorter(count, longest):
    entrants = tuple(replace(entrant, name="a & b " * 9) for entrant in entrants_of(count=count))
    figure = boundaries.figure(entrants, THEMES["light"])
    for note, texts in zip(figure.layout.annotations, figure.layout.meta["names"], strict=True):
        plain = [html.unescape(text.removeprefix("<b>").removesuffix("</b>")) for text in (note.text, *texts)]
        assert longest - 1 <= len(plain[0]) <= longest
        assert all(len(text) <= length for length, text in enumerate(plain[1:], 4))
        assert all(text.endswith("…") for text in plain)


def test_a_frame_has_the_regions_only_and_is_small():
    body = panel_body(boundaries.update(entrants_of()))
    assert len(body["traces"]) == 4
    assert len(dumps(body)) < MAX_CHARACTERS


def test_a_run_without_weights_has_no_regions_of_another_step():
    trained, other = entrants_of(count=2)
    update = boundaries.update((trained, Entrant(other.name, other.current_config)))
    assert update.traces[1] == {"z": []}
    assert trained.name in update.text
    assert other.name not in update.text


def test_at_most_four_runs_with_a_plane_are_drawn():
    digits = Entrant("digits", RunConfig.demo())
    many = tuple(Entrant(str(seed), config_of("two features", seed=seed)) for seed in range(6))
    assert len(regions(boundaries.figure((digits, *many), THEMES["light"]))) == 4
    assert boundaries.caption((digits, *many)).startswith("The first 4 of 7 runs.")
    assert boundaries.applies_to((digits, many[0]))
    assert not boundaries.applies_to((digits,))


def test_the_panel_is_the_first_one_of_runs_in_a_plane_only():
    spirals, digits = config_of("two features"), RunConfig.demo()
    assert panels_of_runs([digits, digits]) == OVERLAYS
    assert next(iter(panels_of_runs([digits, spirals]))) == BOUNDARIES.name
    assert panels_of_runs([spirals]) == ALL_PANELS
    assert boundaries.has_plane(RunConfig.demo(dataset="own:0123456789abcdef")) is False, "a removed data set"


def test_a_removed_data_set_leaves_an_empty_frame(monkeypatch):
    monkeypatch.setattr(boundaries, "has_plane", lambda config: True)
    entrants = (Entrant("gone", RunConfig.demo(dataset="own:0123456789abcdef")),)
    figure = boundaries.figure(entrants, THEMES["dark"])
    assert [trace.type for trace in figure.data] == ["heatmap"]
    json.dumps(figure.to_plotly_json()["layout"])
