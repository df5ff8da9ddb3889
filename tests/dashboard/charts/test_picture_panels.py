"""Panels of pictures and of the confusion matrix draw what their views say."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts import confusion, pictures, wrong
from dashboard.charts.mosaic import GAP, columns_for, mosaic
from dashboard.charts.palette import DARK, LIGHT
from engine.runs.telemetry import Report, Telemetry
from engine.runs.views.confusion import Confusion
from engine.runs.views.pictures import ZERO
from tests.dashboard.watching import config_of, decoded, telemetry_of


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (7, 3), (12, 6)])
def test_every_picture_stands_whole_in_its_place_of_the_mosaic(count, columns):
    tiles = np.random.default_rng(0).integers(0, 255, (count, 4, 3)).astype(np.uint8)
    whole = mosaic(tiles, columns, 9)
    for i, tile in enumerate(tiles):
        top, left = i // columns * (4 + GAP), i % columns * (3 + GAP)
        assert whole[top : top + 4, left : left + 3].tolist() == tile.tolist()
    covered = count * 12
    assert (whole == 9).sum() >= whole.size - covered


@pytest.mark.parametrize(("height", "width"), [(8, 8), (28, 28), (10, 30)])
def test_a_mosaic_has_about_the_shape_of_its_chart(height, width):
    columns = columns_for(32, height, width)
    whole = mosaic(np.zeros((32, height, width), np.uint8), columns, 0)
    assert 1.2 < whole.shape[1] / whole.shape[0] < 3.2


def test_the_pictures_drawn_are_the_tiles_of_the_view():
    config = config_of("default")
    telemetry = telemetry_of(config)
    view = telemetry.views["pictures"]
    (trace,) = pictures.update(config, telemetry).traces
    assert decoded(trace["z"]).tolist() == mosaic(view.tiles, columns_for(*view.tiles.shape), ZERO).tolist()
    assert not pictures.shown(config_of("two features"))
    assert not pictures.shown(config_of("no hidden layer"))
    assert not wrong.shown(config_of("two features"))


def test_the_matrix_is_coloured_by_the_share_of_its_row_and_says_the_counts():
    config = config_of("default")
    matrix = np.diag(np.arange(10, 20))
    matrix[3, 8] = 7
    telemetry = Telemetry()
    view = Confusion(5, matrix, (), None, int(matrix.sum()), True)
    telemetry.take(Report("paused", 5, 0.0, views={"confusion": view}))
    update = confusion.update(config, telemetry)
    (trace,) = update.traces
    for row, (shares, texts) in enumerate(zip(decoded(trace["z"]), trace["text"], strict=True)):
        for column in range(10):
            assert shares[column] == round(100 * matrix[row, column] / matrix[row].sum())
            assert texts[column] == (str(matrix[row, column]) if matrix[row, column] else "")
    assert "most often 3 taken for 8, 7 times" in update.text


def test_with_many_classes_the_cells_say_nothing_and_are_still_coloured():
    telemetry = Telemetry()
    view = Confusion(5, np.eye(40, dtype=int), (), None, 40, True)
    telemetry.take(Report("paused", 5, 0.0, views={"confusion": view}))
    (trace,) = confusion.update(config_of("default"), telemetry).traces
    assert "text" not in trace
    assert decoded(trace["z"]).shape == (40, 40)


def test_each_mistake_has_its_picture_and_what_it_was_taken_for_below_it():
    config = config_of("default")
    telemetry = telemetry_of(config)
    view = telemetry.views["confusion"]
    update = wrong.update(config, telemetry)
    whole = decoded(update.traces[0]["z"])
    for i, (mistake, words) in enumerate(zip(view.mistakes, update.layout["annotations"], strict=True)):
        assert words["text"].startswith(f"{mistake.label}, not {mistake.answer}")
        left = i % wrong.COLUMNS * (8 + GAP)
        top = next(y for y in range(len(whole)) if (whole[y : y + 8, left : left + 8] == view.pictures[i]).all())
        assert words["y"] == top + 7.5
        assert left < words["x"] < left + 8


def test_where_nothing_is_wrong_the_panel_says_so():
    telemetry = Telemetry()
    view = Confusion(5, np.eye(10, dtype=int), (), np.empty((0, 8, 8), np.uint8), 10, True)
    telemetry.take(Report("paused", 5, 0.0, views={"confusion": view}))
    assert wrong.update(config_of("default"), telemetry).note.startswith("None of 10 ")


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_weight_of_zero_has_the_colour_between_negative_and_positive(palette):
    (trace,) = pictures.figure(config_of("default"), palette).data
    assert [place for place, _ in trace.colorscale] == [0, 0.5, 1]
    assert (trace.zmin + trace.zmax) / 2 == ZERO
