"""The decision boundary: its colours, points and texts, compared with the data of the run."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.charts.palette import THEMES, Palette
from dashboard.charts.panels import boundary
from engine import RunConfig, dataset_of, select
from engine.analysis.boundary import Extent
from engine.data import RunData, Table, keep
from engine.runs.extracts.plane import SHADES, Plane
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report
from tests.dashboard.watching import config_of, decoded, telemetry_of

LIGHT = THEMES["light"]
CONFIGS = {
    "spirals": config_of("two features", train_size=150),
    "more than are drawn": config_of("two features", train_size=2_000, label_noise=0.3),
    "six blobs": config_of("two features and six classes", train_size=300, label_noise=0.2),
    "no noise": config_of("two features and no noise", train_size=60),
    "noisy inputs": config_of("two features", train_size=60, pixel_noise=0.5),
    "few validation examples": config_of("two features", train_size=60, validation_share=0.01),
}
every_config = pytest.mark.parametrize("config", CONFIGS.values(), ids=list(CONFIGS))
Point = tuple[float, float]


def data_of(config: RunConfig) -> RunData:
    return select(config, dataset_of(config))


def traces(config: RunConfig, palette: Palette = LIGHT) -> dict[str, Any]:
    """Return the traces of points by name."""
    return {trace.name: trace for trace in boundary.figure(config, palette).data[1:]}


def points(trace: Any) -> list[Point]:
    """Return the points of a trace, sorted."""
    trace = trace.to_plotly_json()
    return sorted(zip(decoded(trace["x"]).tolist(), decoded(trace["y"]).tolist(), strict=True))


def points_of_rows(x: np.ndarray, rows: list[int]) -> list[Point]:
    return sorted((float(x[row, 0]), float(x[row, 1])) for row in rows)


def colour_at(value: int, classes: int, palette: Palette) -> tuple[float, float, float, float]:
    """Return red, green, blue and opacity of a value, interpolated between two stops of the scale as in plotly.js."""
    heatmap = boundary.figure(config_of("two features and six classes", blob_classes=classes), palette).data[0]
    position = (value - heatmap.zmin) / (heatmap.zmax - heatmap.zmin)
    stops = [(at, [float(part) for part in re.findall(r"[\d.]+", colour)]) for at, colour in heatmap.colorscale]
    (before, low), (after, high) = next((one, two) for one, two in pairwise(stops) if one[0] < position < two[0])
    share = (position - before) / (after - before)
    red, green, blue, opacity = (a + share * (b - a) for a, b in zip(low, high, strict=True))
    return red, green, blue, opacity


def own_data_config(rows: int, features: int, classes: int) -> RunConfig:
    """Store an own data set and return a config that uses it."""
    rng = np.random.default_rng(1)
    labels = np.arange(rows) % classes
    x = rng.normal(50, 10, (rows, features)).astype(np.float32)
    names = tuple(f"column {i}" for i in range(features))
    return RunConfig.demo(
        dataset=keep(Table(x, labels, tuple("abcdefgh"[:classes]), names)), train_size=None, hidden=(4,)
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder for this test only."""
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))


# colours


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_regions_have_the_colour_of_their_class_and_fade_with_confidence(classes, theme):
    palette = THEMES[theme]
    for k in range(classes):
        own_colour = tuple(int(palette.classes[k][at : at + 2], 16) for at in (1, 3, 5))
        opacities = []
        for shade in range(SHADES):
            *colour, opacity = colour_at(k * SHADES + shade, classes, palette)
            assert colour == pytest.approx(own_colour)
            opacities.append(opacity)
        assert opacities == sorted(set(opacities))
        assert 0 < opacities[0] < 0.2, "the faintest shade is visible"
        assert 0.5 < opacities[-1] < 1, "the grid is visible through the strongest shade"


def test_each_class_has_its_own_colour_and_symbol():
    found = traces(CONFIGS["six blobs"])
    training = [found[f"class {k}"].marker for k in range(6)]
    assert len({marker.color for marker in training}) == 6
    assert len({marker.symbol for marker in training}) == 6, "classes differ not only in colour"
    for k, marker in enumerate(training):
        validation = found[f"class {k}, validation"].marker
        assert validation.color == marker.color
        assert validation.symbol == f"{marker.symbol}-open"


# points


@every_config
def test_the_points_are_the_first_examples_with_their_training_labels(config):
    data, found = data_of(config), traces(config)
    for k in range(data.dataset.classes):
        rows = [row for row in range(min(400, data.n)) if data.labels[row] == k]
        assert points(found[f"class {k}"]) == points_of_rows(data.x, rows)
        rows = [row for row in range(min(200, len(data.evaluation))) if data.evaluation.labels[row] == k]
        assert points(found[f"class {k}, validation"]) == points_of_rows(data.evaluation.x, rows)


@every_config
def test_a_ring_is_drawn_around_each_point_with_a_wrong_label(config):
    data = data_of(config)
    wrong = [row for row in range(min(400, data.n)) if data.labels[row] != data.clean_labels[row]]
    assert bool(wrong) == (config.label_noise > 0)
    assert points(traces(config)["wrong label"]) == points_of_rows(data.x, wrong)


@pytest.mark.parametrize(("size", "drawn"), [(399, 399), (400, 400), (2_000, 400)])
def test_at_most_400_training_and_200_validation_points_are_drawn(size, drawn):
    found = traces(config_of("two features", train_size=size))
    validation = [trace for name, trace in found.items() if "validation" in name]
    training = [trace for name, trace in found.items() if name.startswith("class ") and trace not in validation]
    assert sum(len(points(trace)) for trace in training) == drawn
    assert sum(len(points(trace)) for trace in validation) == 200


@every_config
def test_every_point_of_the_run_lies_within_the_axes(config):
    data = data_of(config)
    layout = boundary.figure(config, LIGHT).layout
    for column, axis in enumerate((layout.xaxis, layout.yaxis)):
        values = [*data.x[:, column].tolist(), *data.evaluation.x[:, column].tolist()]
        assert axis.range[0] < min(values) <= max(values) < axis.range[1]


def test_own_data_are_drawn_scaled_with_their_feature_names(folder):
    config = own_data_config(60, 2, 3)
    figure = boundary.figure(config, LIGHT)
    assert figure.layout.xaxis.title.text == "column 0"
    assert figure.layout.yaxis.title.text == "column 1"
    x = dataset_of(config).training.x.astype(np.float64)
    standardized = (x - x.mean(axis=0)) / x.std(axis=0)
    drawn = np.array([point for name in "abc" for point in points(traces(config)[f"class {name}"])])
    assert np.sort(drawn[:, 0]) == pytest.approx(np.sort(standardized[:, 0]), abs=1e-5)
    assert np.sort(drawn[:, 1]) == pytest.approx(np.sort(standardized[:, 1]), abs=1e-5)


# when the panel applies


@pytest.mark.parametrize(
    ("features", "classes", "applies"), [(2, 2, True), (2, 6, True), (2, 7, True), (1, 2, False), (3, 2, False)]
)
def test_the_panel_applies_only_to_data_with_two_features(folder, features, classes, applies):
    assert boundary.applies_to(own_data_config(63, features, classes)) is applies


@pytest.mark.parametrize("classes", [7, 8])
def test_more_than_six_classes_have_points_but_no_regions(folder, classes):
    config = own_data_config(64, 2, classes)
    assert boundary.caption(config) == "With more than 6 classes only the points are drawn, not the regions."
    for palette in THEMES.values():
        regions, training, validation, _ = boundary.figure(config, palette).data
        assert not regions.z
        assert training.marker.color == validation.marker.color == palette.muted, "all classes have a neutral colour"
        assert (training.marker.symbol, validation.marker.symbol) == ("circle", "circle-open")
    data = data_of(config)
    for trace, part in ((training, data), (validation, data.evaluation)):
        assert points(trace) == points_of_rows(part.x, list(range(len(part.labels))))
        assert list(trace.text) == [data.dataset.class_names[k] for k in part.labels]
    telemetry = telemetry_of(config, steps=3)
    assert telemetry.extracts["plane"] is None, "regions that are not drawn are not computed"
    update = boundary.update(config, telemetry)
    assert update.traces == [{}]
    assert update.text == boundary.caption(config)
    assert boundary.update(config, Telemetry()).text == ""
    assert "six" not in boundary.caption(own_data_config(63, 2, 6))


def test_the_panel_does_not_apply_to_images_and_removed_data_sets(folder):
    assert not boundary.applies_to(RunConfig.demo())
    assert not boundary.applies_to(RunConfig.demo(dataset="mnist"))
    assert not boundary.applies_to(RunConfig.demo(dataset="own:0123456789abcdef"))


# updates


@pytest.mark.parametrize("name", ["spirals", "six blobs", "no noise"])
def test_an_update_has_the_newest_regions_with_cells_centred_on_the_grid(name):
    config = CONFIGS[name]
    telemetry = telemetry_of(config)
    plane = telemetry.extracts["plane"]
    (trace,) = boundary.update(config, telemetry).traces
    regions = decoded(trace["z"])
    assert regions.tolist() == plane.regions.tolist()
    rows, columns = regions.shape
    assert (trace["x0"], trace["y0"]) == (plane.extent.left, plane.extent.bottom)
    assert trace["x0"] + (columns - 1) * trace["dx"] == pytest.approx(plane.extent.right)
    assert trace["y0"] + (rows - 1) * trace["dy"] == pytest.approx(plane.extent.top)
    figure = boundary.figure(config, LIGHT)
    assert tuple(figure.layout.xaxis.range) == (plane.extent.left, plane.extent.right)
    assert tuple(figure.layout.yaxis.range) == (plane.extent.bottom, plane.extent.top)
    assert regions.max() <= figure.data[0].zmax
    figure.data[0].update(trace)  # raises for an unknown property
    assert isinstance(figure.data[0], go.Heatmap)


@pytest.mark.parametrize("name", ["spirals", "six blobs"])
def test_the_text_has_the_share_of_each_class_and_they_add_up_to_100(name):
    config = CONFIGS[name]
    telemetry = telemetry_of(config, steps=20)
    text = boundary.update(config, telemetry).text
    assert text.startswith(f"Mini-batch {telemetry.extracts['plane'].step}: ")
    winners = [int(value) // SHADES for row in telemetry.extracts["plane"].regions for value in row]
    shares = {int(k): float(share) for k, share in re.findall(r"class (\d) ([\d.]+)", text)}
    assert shares == {k: pytest.approx(100 * winners.count(k) / len(winners), abs=0.05 + 1e-9) for k in set(winners)}
    assert sum(shares.values()) == pytest.approx(100, abs=0.05 * len(shares) + 1e-9)


def test_a_class_without_a_region_is_not_in_the_text():
    regions = np.full((4, 4), 2 * SHADES + 3, np.uint8)
    regions[0, 0] = SHADES - 1
    telemetry = Telemetry()
    telemetry.add_report(Report("paused", 1_234, 0.0, extracts={"plane": Plane(1_234, Extent(-1, 1, -1, 1), regions)}))
    text = boundary.update(CONFIGS["six blobs"], telemetry).text.replace("\u202f", " ")
    assert text == "Mini-batch 1 234: of the plane shown, class 0 6.2 %, class 2 93.8 %."
