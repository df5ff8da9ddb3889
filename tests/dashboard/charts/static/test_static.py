"""Static charts draw the given numbers."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts.overlays.line_styles import line_styles_of
from dashboard.charts.palette import THEMES
from dashboard.charts.static import damage, early_stopping_twin, seed_fan
from engine.analysis.early_stopping_twin import WeightDistances
from engine.analysis.robustness import Robustness
from engine.analysis.twins import race_twins
from engine.families.penalties import PENALTIES
from engine.families.penalties.penalty import EquivalentEarlyStopping, lowercase_unless_acronym
from engine.runs.server.seed_fan import Band
from tests.dashboard.charts.contrast import contrast
from tests.dashboard.watching import config_of

TWINS = race_twins(config_of("default"), "none, L2, L1, dropout")
NAMES = [twin.name for twin in TWINS]
STYLES = line_styles_of([twin.config for twin in TWINS])


def traces_by_name(chart) -> dict[str, object]:
    return {trace.name: trace for trace in chart.data if trace.name}


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
def test_a_fan_has_a_line_and_a_band_for_each_setting(palette):
    epochs = np.arange(5.0)
    bands = [Band(epochs, 0.5 + 0.1 * epochs, 0.4 + 0.1 * epochs, 0.55 + 0.1 * epochs, 5) for _ in TWINS]
    chart = seed_fan.accuracy_chart(NAMES, STYLES, bands, palette)
    assert set(traces_by_name(chart)) == set(NAMES)
    np.testing.assert_allclose(
        traces_by_name(chart)["L2"].y if "L2" in NAMES else traces_by_name(chart)[NAMES[1]].y, 50 + 10 * epochs
    )
    filled = [trace for trace in chart.data if trace.fill == "tonexty"]
    assert len(filled) == 4
    np.testing.assert_allclose(filled[0].y, 55 + 10 * epochs)
    assert chart.layout.xaxis.range == (0, 4)


def test_a_fan_without_finished_seeds_is_empty():
    empty = Band(*[np.empty(0)] * 4, 0)
    chart = seed_fan.accuracy_chart(NAMES[:1], STYLES[:1], [empty], THEMES["light"])
    assert not len(chart.data[0].x)


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
def test_curves_of_damage_show_the_mean_and_the_range_over_orders(palette):
    shares = np.linspace(0, 1, 5)
    accuracies = np.array([[0.9, 0.8, 0.5, 0.2, 0.1], [0.9, 0.7, 0.6, 0.3, 0.1]])
    chart = damage.accuracy_curves(NAMES, STYLES, [Robustness(shares, accuracies, 100)] * 4, palette, 0.5)
    np.testing.assert_allclose(traces_by_name(chart)[NAMES[0]].y, [90, 75, 55, 25, 10])
    np.testing.assert_allclose(traces_by_name(chart)[NAMES[0]].x, [0, 25, 50, 75, 100])
    lows = [trace for trace in chart.data if not trace.name and trace.fill is None]
    np.testing.assert_allclose(lows[0].y, [90, 70, 50, 20, 10])
    assert chart.layout.shapes[0].x0 == 50


def test_every_neuron_is_a_point_and_destroyed_ones_are_hollow():
    chart = damage.neuron_grid(60, {3, 59}, THEMES["light"])
    (points,) = chart.data
    assert list(points.customdata) == list(range(60))
    assert [i for i, symbol in enumerate(points.marker.symbol) if symbol == "circle-open"] == [3, 59]
    assert len({*zip(points.x, points.y, strict=True)}) == 60


def test_bars_show_the_accuracy_before_and_after_the_damage():
    chart = damage.accuracy_bars(NAMES, STYLES, [0.9] * 4, [0.5, 0.6, 0.7, 0.8], THEMES["dark"])
    np.testing.assert_allclose(chart.data[0].x, [50, 60, 70, 80])
    np.testing.assert_allclose(chart.data[1].x, [90] * 4)


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_in_the_bars_are_legible_on_their_colour(theme):
    (bars, _) = damage.accuracy_bars(NAMES, STYLES, [0.9] * 4, [0.8] * 4, THEMES[theme]).data
    for ink, colour in zip(bars.insidetextfont.color, bars.marker.color, strict=True):
        assert contrast(ink, colour) >= 4.5


@pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)
def test_the_nearest_moment_is_marked_and_described(penalty):
    found = WeightDistances(np.array([0, 50, 100, 150]), np.array([4.0, 1.0, 2.0, 3.0]), 10.0)
    chart = early_stopping_twin.distance_chart(found, 50, 3, penalty, THEMES["light"])
    assert (traces_by_name(chart)["nearest"].x[0], traces_by_name(chart)["nearest"].y[0]) == (1.0, 1.0)
    sentence = early_stopping_twin.describe_nearest(found, 50, penalty, EquivalentEarlyStopping(100.0, "n/(ηλ)"))
    name = lowercase_unless_acronym(penalty.name)
    assert f"those of the {name} run at epoch 1.0 (to within 1.0 epochs), at a distance of 10.0" in sentence
    assert "n/(ηλ) predicts epoch 2.0" in sentence
