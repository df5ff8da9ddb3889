"""The decision boundary: the region of each class, shaded by the network's confidence."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.escaping import escape_plotly
from dashboard.charts.ghosts import Ghost
from dashboard.charts.palette import Palette, with_opacity
from dashboard.charts.update import Update
from engine import FieldError, RunConfig, dataset_of, select
from engine.analysis.boundary import Extent, extent_of
from engine.data import RunData
from engine.runs.extracts.plane import MAX_CLASSES, SHADES, Plane
from engine.runs.history.telemetry import Telemetry

# The evaluation set has half as many points. More points would hide the regions and be slow to draw.
MAX_TRAINING_POINTS = 400
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


def applies_to(config: RunConfig) -> bool:
    """Return True if the data have two features."""
    try:
        return dataset_of(config).features == 2
    except FieldError:  # the data set has been removed
        return False


def has_regions(config: RunConfig) -> bool:
    """Return True if there are as many colours as classes; otherwise no regions are drawn."""
    try:
        return dataset_of(config).classes <= MAX_CLASSES
    except FieldError:  # the data set was removed after the panel was drawn
        return True


def caption(config: RunConfig) -> str:
    if not has_regions(config):
        return f"With more than {MAX_CLASSES} classes only the points are drawn, not the regions."
    if config.label_noise:
        return f"Filled: training. Hollow: {config.evaluate_on}. Ringed: wrong label."
    return f"Filled: training. Hollow: {config.evaluate_on}."


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "The class that the network predicts at each point of the plane, with all neurons; the colour is stronger "
        "where the confidence is higher.",
        f"Filled points are training examples, hollow ones {config.evaluate_on} examples.",
        "Jagged lines around single points show overfitting.",
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    run_data = run_data_of(config)
    extent = extent_of(run_data.x, run_data.evaluation.x)
    traces = regions_and_points(config, palette)
    if has_regions(config):
        traces.append(_ghost_boundary(run_data.dataset.classes, palette))
    names = [escape_plotly(name) for name in run_data.dataset.feature_names or ("x₁", "x₂")]
    return style.figure(
        palette,
        traces,
        x={"title": {"text": names[0]}, "range": [extent.left, extent.right], "showgrid": False},
        y={"title": {"text": names[1]}, "range": [extent.bottom, extent.top], "showgrid": False},
        showlegend=False,
        hovermode="closest",
        margin={"l": 46, "r": 8, "t": 6, "b": 36},
    )


def regions_and_points(
    config: RunConfig, palette: Palette, max_points: int = MAX_TRAINING_POINTS, scale: float = 1.0
) -> list[Any]:
    """Return the traces of the regions, which are empty, of the points, and of the rings around wrong labels.

    Args:
        config: the run. palette: the colours.
        max_points: the number of training points at most; the evaluation set has half as many. scale: of the symbols.
    """
    run_data = run_data_of(config)
    extent = extent_of(run_data.x, run_data.evaluation.x)
    regions = go.Heatmap(
        z=[],
        zmin=-0.5,
        zmax=SHADES * run_data.dataset.classes - 0.5,
        colorscale=colour_scale(run_data.dataset.classes, palette) if has_regions(config) else None,
        showscale=False,
        hoverinfo="skip",
        **_cell_positions(extent, 2),
    )
    make_points = _points_by_class if has_regions(config) else _points_in_one_colour
    points = make_points(config, run_data, palette, max_points)
    corrupted = np.flatnonzero(run_data.corrupted[:max_points])
    rings = go.Scatter(
        name="wrong label",
        mode="markers",
        x=style.encode_array(run_data.x[corrupted, 0]),
        y=style.encode_array(run_data.x[corrupted, 1]),
        marker={"symbol": "circle-open", "size": 12, "color": palette.text, "line": {"width": 1.5}},
        hoverinfo="skip",
    )
    for trace in (*points, rings):
        trace.marker.size *= scale
    return [regions, *points, rings]


def region_data(plane: Plane) -> dict[str, Any]:
    """Return the data of the trace of the regions."""
    return {"z": style.encode_array(plane.regions), **_cell_positions(plane.extent, len(plane.regions))}


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    plane = telemetry.extracts.get("plane")
    if plane is None:
        return Update([]) if has_regions(config) or not telemetry.step else Update([{}], {}, caption(config))
    cells_per_class = np.bincount(plane.regions.ravel() // SHADES, minlength=1)
    try:
        names = dataset_of(config).class_names
    except FieldError:  # the data set has been removed; the run has its own copy
        names = tuple(str(k) for k in range(len(cells_per_class)))
    shares = ", ".join(
        f"class {names[k]} {numbers.percent(count / plane.regions.size)}"
        for k, count in enumerate(cells_per_class)
        if count
    )
    return Update(
        [region_data(plane)],
        {},
        f"Mini-batch {numbers.count(plane.step)}: of the plane shown, {shares}.",
    )


def ghost(config: RunConfig, telemetry: Telemetry) -> Ghost:
    plane = telemetry.extracts.get("plane")
    try:
        dataset = dataset_of(config)
    except FieldError:  # the data set was removed
        return Ghost({})
    if (
        plane is None
        or not has_regions(config)
        or dataset.features != 2
        or plane.regions.max(initial=0) // SHADES >= dataset.classes
    ):
        return Ghost({})
    number = 2 + 2 * dataset.classes  # after the regions, the points of each class, and the wrong labels
    predictions = {
        "z": style.encode_array(plane.regions // SHADES),
        **_cell_positions(plane.extent, len(plane.regions)),
    }
    return Ghost({number: {"name": "boundary", **predictions}})


def _ghost_boundary(classes: int, palette: Palette) -> go.Contour:
    """Return the empty boundary of a ghost: lines between its predicted classes."""
    return go.Contour(
        name="boundary",
        z=[],
        contours={"coloring": "none", "start": 0.5, "end": classes - 1.5, "size": 1},
        line={"color": palette.ghost, "width": 2},
        showscale=False,
        showlegend=False,
        hoverinfo="skip",
    )


def colour_scale(classes: int, palette: Palette) -> list[tuple[float, str]]:
    """Return the colour scale, which goes from faint to full for each class.

    The value of a cell is class · SHADES + shade.
    """
    level_count = SHADES * classes
    scale = []
    for k in range(classes):
        for level, opacity in ((k * SHADES, 0.10), ((k + 1) * SHADES, 0.62)):
            scale.append((level / level_count, with_opacity(palette.classes[k], opacity)))
    return scale


def _points_by_class(config: RunConfig, data: RunData, palette: Palette, max_points: int) -> list[go.Scatter]:
    """Return the traces of the points, with a colour and a symbol for each class."""
    traces = []
    for k, name in enumerate(map(escape_plotly, data.dataset.class_names)):
        colour, symbol = palette.classes[k], SYMBOLS[k]
        training = np.flatnonzero(data.labels[:max_points] == k)
        evaluation = np.flatnonzero(data.evaluation.labels[: max_points // 2] == k)
        traces += [
            _point_trace(data.x[training], f"class {name}", colour, symbol, outline=palette.text),
            _point_trace(
                data.evaluation.x[evaluation], f"class {name}, {config.evaluate_on}", colour, f"{symbol}-open", size=5
            ),
        ]
    return traces


def _points_in_one_colour(config: RunConfig, data: RunData, palette: Palette, max_points: int) -> list[go.Scatter]:
    """Return the traces of the points in one colour; the hover label contains the class."""
    names = [escape_plotly(name) for name in data.dataset.class_names]
    training = _point_trace(data.x[:max_points], "training", palette.muted, "circle", size=5)
    evaluation = _point_trace(
        data.evaluation.x[: max_points // 2], config.evaluate_on, palette.muted, "circle-open", size=5
    )
    for trace, labels in (
        (training, data.labels[:max_points]),
        (evaluation, data.evaluation.labels[: max_points // 2]),
    ):
        trace.text = [names[k] for k in labels]
        trace.hovertemplate = f"class %{{text}}, {trace.name}: %{{x:.2f}}, %{{y:.2f}}<extra></extra>"
    return [training, evaluation]


def _point_trace(
    x: np.ndarray, name: str, colour: str, symbol: str, size: int = 7, outline: str | None = None
) -> go.Scatter:
    line = {"width": 0.8, "color": outline} if outline else {"width": 1.2}
    return go.Scatter(
        name=name,
        mode="markers",
        x=style.encode_array(x[:, 0]),
        y=style.encode_array(x[:, 1]),
        marker={"symbol": symbol, "size": size, "color": colour, "line": line},
        hovertemplate=f"{name}: %{{x:.2f}}, %{{y:.2f}}<extra></extra>",
    )


def _cell_positions(extent: Extent, resolution: int) -> dict[str, float]:
    """Return the position of the heatmap's cells; the centre of a cell is a point of the grid."""
    return {
        "x0": extent.left,
        "dx": (extent.right - extent.left) / (resolution - 1),
        "y0": extent.bottom,
        "dy": (extent.top - extent.bottom) / (resolution - 1),
    }


@lru_cache(maxsize=4)  # each of the two themes has a figure
def run_data_of(config: RunConfig) -> RunData:
    """Return the data of a run; the cache holds those of four compared runs."""
    return select(config, dataset_of(config))
