"""Line styles: a colour for each regularizer, and a different style for each run."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PIL import ImageColor

from dashboard.charts.overlays.line_styles import (
    DROPOUT,
    NO_REGULARIZER,
    PENALTY_AND_DROPOUT,
    SEVERAL_PENALTIES,
    LineStyle,
    line_style_of,
    line_styles_of,
)
from dashboard.charts.palette import DARK, LIGHT
from engine import RunConfig
from engine.analysis.twins import MAX_LINES, PRESETS, race_twins, vary_setting
from engine.families.penalties import PENALTIES
from tests.dashboard.charts.contrast import contrast

BARE = RunConfig.demo(l2=0.0, drop_probability=0.0)


@pytest.mark.parametrize(
    ("fields", "colour"),
    [
        ({}, "#7F7F7F"),
        ({"l2": 1.0}, "#0072B2"),
        ({"l1": 1.0}, "#E69F00"),
        ({"drop_probability": 0.5}, "#CC79A7"),
        ({"l1": 1.0, "l2": 1.0}, "#009E73"),
        ({"max_norm": 3.0}, "#F0E442"),
    ],
)
def test_a_run_has_the_colour_of_its_regularizer(fields, colour):
    (style,) = line_styles_of([RunConfig.demo(**{"l2": 0.0, "drop_probability": 0.0, **fields})])
    assert style.colour(LIGHT) == colour
    assert style.outlined == (colour == "#F0E442"), "yellow needs an outline on white"


def test_dropout_in_a_network_without_hidden_neurons_counts_as_none():
    assert line_style_of(RunConfig.demo(l2=0.0, drop_probability=0.5, hidden=())) == NO_REGULARIZER
    assert line_style_of(RunConfig.demo(l2=1.0, drop_probability=0.5, hidden=(5,))) == PENALTY_AND_DROPOUT


@pytest.mark.parametrize("preset", PRESETS)
def test_the_twins_of_a_race_have_different_line_styles(preset):
    check_styles_differ([twin.config for twin in race_twins(RunConfig.demo(), preset)])


@pytest.mark.parametrize("l2", [0.0, 1.0])
def test_eight_runs_with_the_same_regularizer_have_different_line_styles(l2):
    configs = [
        twin.config for twin in vary_setting(RunConfig.demo(l2=l2, drop_probability=0.0), "seed", range(MAX_LINES))
    ]
    check_styles_differ(configs)


def check_styles_differ(configs: list[RunConfig]) -> None:
    styles = line_styles_of(configs)
    for palette in (LIGHT, DARK):
        assert len({style.colour(palette) for style in styles}) == len(styles)
    assert all(one.dash != other.dash for one, other in pairwise(styles)), "styles differ not only in colour"


@pytest.mark.parametrize(("palette", "background"), [(LIGHT, "#FFFFFF"), (DARK, "#131924")])
def test_every_line_has_a_contrast_to_the_background(palette, background):
    penalties = [
        LineStyle(each.light_colour, each.dark_colour, each.dash, each.outlined) for each in PENALTIES.values()
    ]
    for style in (NO_REGULARIZER, DROPOUT, SEVERAL_PENALTIES, PENALTY_AND_DROPOUT, *penalties):
        if not style.outlined:
            assert contrast(style.colour(palette), background) >= 2.2, style


def test_runs_with_the_same_regularizer_have_shades_of_its_colour():
    styles = line_styles_of([RunConfig.demo(l2=float(value), drop_probability=0.0) for value in (1, 2, 3, 4)])
    for palette in (LIGHT, DARK):
        colours = [style.colour(palette) for style in styles]
        assert len(set(colours)) == len(colours)
        for colour in colours:
            red, _, blue = ImageColor.getrgb(colour)  # raises for an invalid colour
            assert red < blue  # the colour of L2 is blue
