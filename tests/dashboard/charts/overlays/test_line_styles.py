"""The looks of lines: a colour for each regularizer, and no two runs alike."""

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
def test_a_run_has_the_colour_of_what_regularizes_it(fields, colour):
    (look,) = line_styles_of([RunConfig.demo(**{"l2": 0.0, "drop_probability": 0.0, **fields})])
    assert look.colour(LIGHT) == colour
    assert look.outlined == (colour == "#F0E442"), "yellow alone would be lost on white"


def test_dropout_in_a_network_without_hidden_neurons_is_none():
    assert line_style_of(RunConfig.demo(l2=0.0, drop_probability=0.5, hidden=())) == NO_REGULARIZER
    assert line_style_of(RunConfig.demo(l2=1.0, drop_probability=0.5, hidden=(5,))) == PENALTY_AND_DROPOUT


@pytest.mark.parametrize("preset", PRESETS)
def test_no_two_twins_of_a_race_are_alike(preset):
    told_apart([twin.config for twin in race_twins(RunConfig.demo(), preset)])


@pytest.mark.parametrize("l2", [0.0, 1.0])
def test_even_eight_of_a_kind_are_told_apart(l2):
    configs = [
        twin.config for twin in vary_setting(RunConfig.demo(l2=l2, drop_probability=0.0), "seed", range(MAX_LINES))
    ]
    told_apart(configs)


def told_apart(configs: list[RunConfig]) -> None:
    looks = line_styles_of(configs)
    for palette in (LIGHT, DARK):
        assert len({look.colour(palette) for look in looks}) == len(looks)
    assert all(one.dash != other.dash for one, other in pairwise(looks)), "not by colour alone"


@pytest.mark.parametrize(("palette", "ground"), [(LIGHT, "#FFFFFF"), (DARK, "#131924")])
def test_every_line_stands_out_from_its_ground(palette, ground):
    penalties = [
        LineStyle(each.light_colour, each.dark_colour, each.dash, each.outlined) for each in PENALTIES.values()
    ]
    for look in (NO_REGULARIZER, DROPOUT, SEVERAL_PENALTIES, PENALTY_AND_DROPOUT, *penalties):
        if not look.outlined:
            assert contrast(look.colour(palette), ground) >= 2.2, look


def test_the_shades_of_runs_with_one_look_are_colours_around_it():
    looks = line_styles_of([RunConfig.demo(l2=float(value), drop_probability=0.0) for value in (1, 2, 3, 4)])
    for palette in (LIGHT, DARK):
        colours = [look.colour(palette) for look in looks]
        assert len(set(colours)) == len(colours)
        for colour in colours:
            red, _, blue = ImageColor.getrgb(colour)  # raises for an invalid colour
            assert red < blue  # of L2
