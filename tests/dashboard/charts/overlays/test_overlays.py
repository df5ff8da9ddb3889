"""Every overlay for one, two and eight runs, trained and untrained, in both themes."""

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
every_size = pytest.mark.parametrize("count", SIZES)


def drawn(overlay: Panel, entrants: tuple[Entrant, ...], theme: str = "light") -> dict[str, Any]:
    """Return a figure with the data of an update as JSON."""
    figure = overlay.figure(entrants, THEMES[theme]).to_plotly_json()
    update = overlay.update(entrants)
    assert len(update.traces) == len(figure["data"]), "every trace has data"
    for trace, new in zip(figure["data"], update.traces, strict=True):
        trace.update(new)
    for name, value in update.layout.items():
        set_dotted(figure["layout"], name, value)
    return figure


@every_overlay
@every_size
@pytest.mark.parametrize("theme", THEMES)
def test_plotly_accepts_a_figure_with_and_without_an_update(overlay, count, theme):
    for trained in {count, count // 2, 0}:
        figure = drawn(overlay, entrants_of(count, trained), theme)
        go.Figure(figure)  # raises for an unknown property or value
        json.dumps(figure["layout"], allow_nan=False)


@every_overlay
@every_size
def test_the_themes_differ_in_colour_only(overlay, count):
    light, dark = (overlay.figure(entrants_of(count), THEMES[theme]).to_plotly_json() for theme in ("light", "dark"))
    assert light != dark
    assert structure(light) == structure(dark)


@every_overlay
@every_size
def test_a_figure_depends_on_the_names_and_configs_only(overlay, count):
    with_data, without_data = (overlay.figure(entrants_of(count, trained), THEMES["light"]) for trained in (count, 0))
    assert with_data.to_plotly_json() == without_data.to_plotly_json()


@every_overlay
@every_size
def test_every_trained_run_has_a_visible_line_and_a_text(overlay, count):
    entrants = entrants_of(count)
    update = overlay.update(entrants)
    assert update.text.endswith(".")
    assert all(entrant.name in update.text for entrant in entrants)
    visible = [trace for trace in drawn(overlay, entrants)["data"] if trace.get("visible", True)]
    assert {trace["name"] for trace in visible} == {entrant.name for entrant in entrants}
    for trace in visible:
        assert np.isfinite(decoded(trace["y"])).any()
        assert not np.isinf(decoded(trace["y"])).any()


@every_overlay
@every_size
def test_untrained_runs_have_no_line_and_no_text(overlay, count):
    update = overlay.update(entrants_of(count, 0))
    assert (update.layout, update.text, update.note) == ({}, "", "")
    assert all(decoded(array).size == 0 for trace in update.traces for array in trace.values())


@every_overlay
def test_an_untrained_run_does_not_change_the_lines_of_the_others(overlay):
    both, first = (overlay.update(entrants_of(2, trained)) for trained in (2, 1))
    count = len(lines_in_drawing_order(entrants_of(2)))
    for i, (one, other) in enumerate(zip(both.traces, first.traces, strict=True)):
        if i % count == 0 and overlay.name != "histograms":  # the histograms of equal weights have the same scale
            assert one == other
        elif i % count:
            assert all(decoded(array).size == 0 for array in other.values())
    assert entrants_of(2)[0].name in first.text
    assert entrants_of(2)[1].name not in first.text


@every_overlay
@every_size
def test_options_name_existing_traces_and_show_each_run_once_or_twice(overlay, count):
    entrants = entrants_of(count)
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
    caption = overlay.caption(entrants_of(2))
    assert caption[0].isupper()
    assert caption.endswith((".", "?"))
    assert len(caption) < 100


@every_overlay
def test_markup_in_the_name_of_a_run_is_escaped(overlay):
    entrant = Entrant("<b>%{x}</b>", config_of("default"), telemetry_of(config_of("default"), 9))
    figure = drawn(overlay, (entrant,))
    texts = [trace["name"] for trace in figure["data"]] + [
        each["text"] for each in figure["layout"].get("annotations", [])
    ]
    assert not any("<b>" in text or "%{" in text for text in texts)


def test_all_axes_of_epochs_end_at_the_longest_run():
    short, long = config_of("default", epochs=3), config_of("L1", epochs=11)
    entrants = (Entrant("short", short), Entrant("long", long))
    figures = [overlay.figure(entrants, THEMES["light"]) for overlay in OVERLAYS.values()]
    ranges = [figure.layout.xaxis.range for figure in figures if figure.layout.xaxis.tickprefix == "epoch "]
    assert ranges == [(0, 11)] * 5


@every_overlay
def test_the_sequence_number_grows_with_new_data_of_any_run(overlay):
    entrants = tuple(Entrant(name, config_of(name), telemetry_of(config_of(name), 5)) for name in ("default", "L1"))
    before = overlay.sequence_number(each.telemetry for each in entrants)
    entrants[1].telemetry.sequence_numbers[overlay.telemetry_parts[0]] += 1
    assert overlay.sequence_number(each.telemetry for each in entrants) == before + 1


def test_overlays_have_other_names_than_panels():
    assert [overlay.name for overlay in OVERLAYS.values()] == list(OVERLAYS)
    assert set(OVERLAYS).isdisjoint(PANELS)
    assert {part for overlay in OVERLAYS.values() for part in overlay.telemetry_parts} <= {
        "epochs",
        "over_time",
        *EXTRACTS,
    }
    assert {name for overlay in OVERLAYS.values() for name in overlay.extracts} == {"weights"}
