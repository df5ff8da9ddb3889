"""The panels of pictures and the confusion matrix draw their extracts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dashboard.charts.palette import DARK, LIGHT
from dashboard.charts.panels import confusion, mistakes, pictures
from dashboard.charts.panels.mosaic import GAP, columns_for, mosaic
from dashboard.live.frames.parts import dumps
from engine import RunConfig
from engine.analysis.confusion import Mistake
from engine.data import Table, keep
from engine.runs.extracts.confusion import MAX_MISTAKES, Confusion, pixel_interval
from engine.runs.extracts.pictures import ZERO_LEVEL, WeightPictures
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report
from tests.dashboard.watching import config_of, decoded, telemetry_of


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (7, 3), (12, 6)])
def test_every_tile_is_at_its_place_in_the_mosaic(count, columns):
    tiles = np.random.default_rng(0).integers(0, 255, (count, 4, 3)).astype(np.uint8)
    image = mosaic(tiles, columns, 9)
    for i, tile in enumerate(tiles):
        top, left = i // columns * (4 + GAP), i % columns * (3 + GAP)
        assert image[top : top + 4, left : left + 3].tolist() == tile.tolist()
    covered = count * 12
    assert (image == 9).sum() >= image.size - covered


@pytest.mark.parametrize(("height", "width"), [(8, 8), (28, 28), (10, 30)])
def test_a_mosaic_has_about_the_shape_of_its_chart(height, width):
    columns = columns_for(32, height, width)
    image = mosaic(np.zeros((32, height, width), np.uint8), columns, 0)
    assert 1.2 < image.shape[1] / image.shape[0] < 3.2


def test_the_drawn_pictures_are_the_tiles_of_the_extract():
    config = config_of("default")
    telemetry = telemetry_of(config)
    extract = telemetry.extracts["pictures"]
    (trace,) = pictures.update(config, telemetry).traces
    assert (
        decoded(trace["z"]).tolist() == mosaic(extract.images, columns_for(*extract.images.shape), ZERO_LEVEL).tolist()
    )
    assert not pictures.applies_to(config_of("two features"))
    assert not pictures.applies_to(config_of("no hidden layer"))
    assert not mistakes.applies_to(config_of("two features"))


def test_the_confusion_matrix_has_colours_by_share_and_counts_as_text():
    config = config_of("default")
    matrix = np.diag(np.arange(10, 20))
    matrix[3, 8] = 7
    telemetry = Telemetry()
    extract = Confusion(5, matrix, (), None, int(matrix.sum()), True)
    telemetry.add_report(Report("paused", 5, 0.0, extracts={"confusion": extract}))
    update = confusion.update(config, telemetry)
    (trace,) = update.traces
    for row, (shares, texts) in enumerate(zip(decoded(trace["z"]), trace["text"], strict=True)):
        for column in range(10):
            assert shares[column] == round(100 * matrix[row, column] / matrix[row].sum())
            assert texts[column] == (str(matrix[row, column]) if matrix[row, column] else "")
    assert "most often 3 as 8, 7 times" in update.text


def test_with_many_classes_the_cells_have_colours_and_no_text():
    telemetry = Telemetry()
    extract = Confusion(5, np.eye(40, dtype=int), (), None, 40, True)
    telemetry.add_report(Report("paused", 5, 0.0, extracts={"confusion": extract}))
    (trace,) = confusion.update(config_of("default"), telemetry).traces
    assert "text" not in trace
    assert decoded(trace["z"]).shape == (40, 40)


def test_each_mistake_has_its_picture_and_a_text_below_it():
    config = config_of("default")
    telemetry = telemetry_of(config)
    extract = telemetry.extracts["confusion"]
    update = mistakes.update(config, telemetry)
    image = decoded(update.traces[0]["z"])
    for i, (mistake, annotation) in enumerate(zip(extract.mistakes, update.layout["annotations"], strict=True)):
        assert annotation["text"].startswith(f"{mistake.label}, not {mistake.predicted}")
        left = i % mistakes.COLUMNS * (8 + GAP)
        top = next(y for y in range(len(image)) if (image[y : y + 8, left : left + 8] == extract.pictures[i]).all())
        assert annotation["y"] == top + 7.5
        assert left < annotation["x"] < left + 8


def test_without_mistakes_the_panel_reports_none():
    telemetry = Telemetry()
    extract = Confusion(5, np.eye(10, dtype=int), (), np.empty((0, 8, 8), np.uint8), 10, True)
    telemetry.add_report(Report("paused", 5, 0.0, extracts={"confusion": extract}))
    assert mistakes.update(config_of("default"), telemetry).note.startswith("None of 10 ")


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_weight_of_zero_has_the_colour_between_negative_and_positive(palette):
    (trace,) = pictures.figure(config_of("default"), palette).data
    assert [position for position, _ in trace.colorscale] == [0, 0.5, 1]
    assert (trace.zmin + trace.zmax) / 2 == ZERO_LEVEL


# size of frames


@pytest.mark.parametrize("count", range(1, 33))
@pytest.mark.parametrize(("height", "width"), [(8, 8), (28, 28), (10, 30)])
def test_the_number_of_columns_makes_the_tiles_as_large_as_possible(count, height, width):
    def size(columns: int) -> float:
        rows = -(-count // columns)
        return min(1.5 / (columns * (width + GAP)), 1 / (rows * (height + GAP)))

    columns = columns_for(count, height, width)
    assert 1 <= columns <= count
    best = [each for each in range(1, count + 1) if size(each) == max(map(size, range(1, count + 1)))]
    assert columns in best
    assert -(-count // columns) * columns == min(-(-count // each) * each for each in best), (
        "as few empty tiles as possible"
    )


def telemetry_with(name: str, extract: object) -> Telemetry:
    """Return telemetry with one extract."""
    telemetry = Telemetry()
    telemetry.add_report(Report("paused", 5, 0.0, extracts={name: extract}))
    return telemetry


def test_pictures_of_twenty_neurons_of_mnist_take_less_than_25_kb():
    tiles = np.full((20, 28, 28), 200, np.uint8)
    update = pictures.update(
        config_of("default"), telemetry_with("pictures", WeightPictures(5, np.arange(20), 100, tiles, 0.42))
    )
    assert len(dumps([update.traces, update.layout, update.text, update.note])) < 25_000
    assert update.note == "20 of 100 neurons; blue positive, to ±0.420"


@pytest.mark.parametrize("shape", [(28, 28), (36, 36), (70, 70), (50, 100)])
def test_the_mistakes_of_large_images_take_less_than_25_kb(shape):
    drawn = [len(range(0, size, pixel_interval(shape))) for size in shape]
    surest = tuple(Mistake(i, 7, 1, 0.98) for i in range(MAX_MISTAKES))
    extract = Confusion(5, np.eye(10, dtype=int), surest, np.zeros((MAX_MISTAKES, *drawn), np.uint8), 10, True)
    update = mistakes.update(config_of("default"), telemetry_with("confusion", extract))
    assert len(dumps([update.traces, update.layout, update.text, update.note])) < 25_000


# names of classes


def config_with_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], shape: tuple[int, int] = (6, 6)
) -> RunConfig:
    """Store own images of classes with these names and return a config that uses them."""
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    rows = max(24, 4 * len(names))
    x = np.random.default_rng(0).random((rows, shape[0] * shape[1]), dtype=np.float32)
    return RunConfig.demo(
        dataset=keep(Table(x, np.arange(rows) % len(names), tuple(names), image_shape=shape)), train_size=None
    )


def test_the_axes_have_class_names_and_long_names_end_in_an_ellipsis(tmp_path, monkeypatch):
    config = config_with_classes(tmp_path, monkeypatch, ["cat", "a & b", "<b>%{x}", "a name that is far too long"])
    layout = confusion.figure(config, LIGHT).layout
    names = ("cat", "a &amp; b", "&lt;b&gt;% {x}", "a name that…")
    assert layout.yaxis.ticktext == names
    assert tuple(layout.yaxis.tickvals) == (0, 1, 2, 3)
    assert [len(name) <= 12 for name in ("cat", "a & b", "<b>%{x}", "a name that…")] == [True] * 4
    assert layout.xaxis.ticktext[0] == "cat"
    assert layout.margin.l > confusion.figure(config_of("default"), LIGHT).layout.margin.l, (
        "the margin has room for the names"
    )


def test_ten_names_below_the_columns_do_not_overlap(tmp_path, monkeypatch):
    config = config_with_classes(tmp_path, monkeypatch, [f"{k} of ten things" for k in range(10)])
    assert max(len(name) for name in confusion.figure(config, LIGHT).layout.xaxis.ticktext) * 10 <= 50


@pytest.mark.parametrize("names", [[f"kind {k:02}" for k in range(30)], [str(k) for k in range(100)]])
def test_names_of_many_classes_are_in_hover_labels_only(tmp_path, monkeypatch, names):
    config = config_with_classes(tmp_path, monkeypatch, names)
    own_names = tuple(names)
    layout = confusion.figure(config, LIGHT).layout
    if names[0].startswith("kind"):
        assert layout.xaxis.ticktext == layout.yaxis.ticktext == own_names
        assert layout.xaxis.showticklabels is layout.yaxis.showticklabels is False
    else:
        assert layout.xaxis.ticktext is layout.yaxis.ticktext is None
        assert layout.xaxis.showticklabels is not False


def test_a_single_mistake_is_described_as_once():
    matrix = np.diag([5, 5, 5])
    matrix[1, 2] = 1
    extract = Confusion(5, matrix, (), None, 16, False)
    update = confusion.update(config_of("two features and six classes"), telemetry_with("confusion", extract))
    assert update.text == "1 of 16 validation examples are misclassified, most often 1 as 2, once."
    assert update.note == "on 16 validation examples, the first ones"


@pytest.mark.parametrize(
    ("label", "predicted", "caption"),
    [
        ("7", "1", "7, not 1<br>98.0 %"),
        ("Sneaker", "Sandal", "Sneaker,<br>not Sandal 98.0 %"),
        ("<b>", "&", "&lt;b&gt;, not &amp;<br>98.0 %"),
        ("&&&&&&&&&&&&", "a fairly long name", "&amp;&amp;&amp;&amp;&amp;&amp;&amp;…,<br>not a fairl… 98.0 %"),
    ],
)
def test_the_caption_of_a_picture_has_both_class_names_and_the_confidence(label, predicted, caption):
    assert mistakes.picture_caption(label, predicted, 0.98).replace("\u202f", " ") == caption


@pytest.mark.parametrize("shape", [(6, 6), (70, 70), (30, 60)])
def test_all_mistakes_and_their_captions_lie_within_the_axes(tmp_path, monkeypatch, shape):
    config = config_with_classes(tmp_path, monkeypatch, ["one", "two"], shape)
    figure = mistakes.figure(config, LIGHT)
    drawn = [len(range(0, size, pixel_interval(shape))) for size in shape]
    surest = tuple(Mistake(i, 0, 1, 0.98) for i in range(MAX_MISTAKES))
    extract = Confusion(5, np.eye(2, dtype=int), surest, np.zeros((MAX_MISTAKES, *drawn), np.uint8), 10, True)
    update = mistakes.update(config, telemetry_with("confusion", extract))
    rows, columns = decoded(update.traces[0]["z"]).shape
    left, right = figure.layout.xaxis.range
    bottom, top = figure.layout.yaxis.range
    assert left < 0 < columns - 1 < right <= columns + GAP
    assert top < 0 < rows - 1 < bottom <= rows + GAP
    assert all(left < each["x"] < right and top < each["y"] < bottom for each in update.layout["annotations"])


def test_the_panels_of_pictures_do_not_apply_without_the_data_set():
    config = config_of("default", dataset="own:0123456789abcdef")
    assert not pictures.applies_to(config)
    assert not mistakes.applies_to(config)
    confusion.figure(config, LIGHT)
    extract = Confusion(5, np.eye(3, dtype=int), (), None, 3, True)
    (trace,) = confusion.update(config, telemetry_with("confusion", extract)).traces
    assert decoded(trace["z"]).shape == (3, 3)
