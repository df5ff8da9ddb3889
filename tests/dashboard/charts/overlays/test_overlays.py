"""Every overlay, for one, two and eight runs, in both themes, also for runs that have not begun."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.run_lines import lines_in_drawing_order
from dashboard.charts.palette import THEMES
from dashboard.charts.panel import Panel
from dashboard.charts.panels.catalogue import PANELS
from engine.runs.extracts import EXTRACTS
from tests.dashboard.charts.overlays.entrants import SIZES, entrants_of
from tests.dashboard.charts.panels.test_panels import set_dotted, structure
from tests.dashboard.watching import config_of, decoded, telemetry_of

every_overlay = pytest.mark.parametrize("overlay", OVERLAYS.values(), ids=list(OVERLAYS))
every_size = pytest.mark.parametrize("many", SIZES)


def drawn(overlay: Panel, entrants: tuple[Entrant, ...], theme: str = "light") -> dict[str, Any]:
    """Return a figure as JSON, with the data of an update."""
    figure = overlay.figure(entrants, THEMES[theme]).to_plotly_json()
    update = overlay.update(entrants)
    assert len(update.traces) == len(figure["data"]), "a trace would be left without its data"
    for trace, new in zip(figure["data"], update.traces, strict=True):
        trace.update(new)
    for name, value in update.layout.items():
        set_dotted(figure["layout"], name, value)
    return figure


@every_overlay
@every_size
@pytest.mark.parametrize("theme", THEMES)
def test_plotly_accepts_a_figure_with_and_without_an_update(overlay, many, theme):
    for begun in {many, many // 2, 0}:
        figure = drawn(overlay, entrants_of(many, begun), theme)
        go.Figure(figure)  # raises for an unknown property or value
        json.dumps(figure["layout"], allow_nan=False)


@every_overlay
@every_size
def test_the_themes_differ_in_colour_only(overlay, many):
    light, dark = (overlay.figure(entrants_of(many), THEMES[theme]).to_plotly_json() for theme in ("light", "dark"))
    assert light != dark
    assert structure(light) == structure(dark)


@every_overlay
@every_size
def test_a_figure_depends_on_the_names_and_configs_only(overlay, many):
    known, unknown = (overlay.figure(entrants_of(many, begun), THEMES["light"]) for begun in (many, 0))
    assert known.to_plotly_json() == unknown.to_plotly_json()


@every_overlay
@every_size
def test_every_run_that_has_begun_has_a_visible_line_and_a_text(overlay, many):
    entrants = entrants_of(many)
    update = overlay.update(entrants)
    assert update.text.endswith(".")
    assert all(entrant.name in update.text for entrant in entrants)
    seen = [trace for trace in drawn(overlay, entrants)["data"] if trace.get("visible", True)]
    assert {trace["name"] for trace in seen} == {entrant.name for entrant in entrants}
    for trace in seen:
        assert np.isfinite(decoded(trace["y"])).any()
        assert not np.isinf(decoded(trace["y"])).any()


@every_overlay
@every_size
def test_runs_that_have_not_begun_have_no_line_and_no_text(overlay, many):
    update = overlay.update(entrants_of(many, 0))
    assert (update.layout, update.text, update.note) == ({}, "", "")
    assert all(decoded(array).size == 0 for trace in update.traces for array in trace.values())


@every_overlay
def test_a_run_that_waits_for_its_turn_leaves_the_others_their_lines(overlay):
    both, first = (overlay.update(entrants_of(2, begun)) for begun in (2, 1))
    many = len(lines_in_drawing_order(entrants_of(2)))
    for i, (one, other) in enumerate(zip(both.traces, first.traces, strict=True)):
        if i % many == 0 and overlay.name != "histograms":  # the histograms of equal weights have the same scale
            assert one == other
        elif i % many:
            assert all(decoded(array).size == 0 for array in other.values())
    assert entrants_of(2)[0].name in first.text
    assert entrants_of(2)[1].name not in first.text


@every_overlay
@every_size
def test_options_name_existing_traces_and_show_each_run_once_or_twice(overlay, many):
    entrants = entrants_of(many)
    traces = overlay.figure(entrants, THEMES["light"]).data
    for choice in overlay.choices(entrants):
        assert len(choice.options) >= 2
        for option in choice.options:
            if not option.traces:
                continue
            assert set(option.traces) == set(range(len(traces)))
            shown = [traces[i].name.removesuffix(", training") for i, how in option.traces.items() if how["visible"]]
            assert {shown.count(entrant.name) for entrant in entrants} == {2 if option.label == "both" else 1}
        first = [i for i, how in choice.options[0].traces.items() if how["visible"]]
        assert not first or first == [i for i, trace in enumerate(traces) if trace.visible is not False]


@every_overlay
def test_every_overlay_has_a_caption_of_one_line(overlay):
    look = overlay.caption(entrants_of(2))
    assert look[0].isupper()
    assert look.endswith((".", "?"))
    assert len(look) < 100


@every_overlay
def test_a_name_that_a_person_gave_is_no_markup(overlay):
    entrant = Entrant("<b>%{x}</b>", config_of("default"), telemetry_of(config_of("default"), 9))
    figure = drawn(overlay, (entrant,))
    texts = [trace["name"] for trace in figure["data"]] + [
        each["text"] for each in figure["layout"].get("annotations", [])
    ]
    assert not any("<b>" in text or "%{" in text for text in texts)


def test_all_lines_over_epochs_share_one_axis_as_long_as_the_longest_run():
    short, long = config_of("default", epochs=3), config_of("L1", epochs=11)
    entrants = (Entrant("short", short), Entrant("long", long))
    figures = [overlay.figure(entrants, THEMES["light"]) for overlay in OVERLAYS.values()]
    ranges = [figure.layout.xaxis.range for figure in figures if figure.layout.xaxis.title.text == "epoch"]
    assert ranges == [(0, 11)] * 5


@every_overlay
def test_its_sequence_grows_when_any_run_brings_something_new(overlay):
    entrants = tuple(Entrant(name, config_of(name), telemetry_of(config_of(name), 5)) for name in ("default", "L1"))
    before = overlay.sequence_number(each.telemetry for each in entrants)
    entrants[1].telemetry.sequence_numbers[overlay.telemetry_parts[0]] += 1
    assert overlay.sequence_number(each.telemetry for each in entrants) == before + 1


def test_overlays_have_their_own_names_and_none_of_a_panel():
    assert [overlay.name for overlay in OVERLAYS.values()] == list(OVERLAYS)
    assert set(OVERLAYS).isdisjoint(PANELS)
    assert {part for overlay in OVERLAYS.values() for part in overlay.telemetry_parts} <= {
        "epochs",
        "over_time",
        *EXTRACTS,
    }
    assert {view for overlay in OVERLAYS.values() for view in overlay.extracts} == {"weights"}
