"""The decision boundary: the region of each class, shaded by the network's confidence."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.escaping import for_plotly
from dashboard.charts.palette import Palette, translucent
from dashboard.charts.update import Update
from engine import FieldError, RunConfig, dataset_of, select
from engine.analysis.boundary import Extent, extent_of
from engine.data import RunData
from engine.runs.extracts.plane import MAX_CLASSES, SHADES
from engine.runs.history.telemetry import Telemetry

MAX_POINTS = 400  # training points drawn, with half as many validation points: more would hide the regions and be slow
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


def shown(config: RunConfig) -> bool:
    """Return True if the data have two features."""
    try:
        return dataset_of(config).features == 2
    except FieldError:  # the data set has been removed
        return False


def has_regions(config: RunConfig) -> bool:
    """Return True if every class has a colour, so that regions are drawn."""
    try:
        return dataset_of(config).classes <= MAX_CLASSES
    except FieldError:  # the data set was removed after the panel was drawn
        return True


def look(config: RunConfig) -> str:
    if not has_regions(config):
        return f"With more than {MAX_CLASSES} classes only the points are drawn, not the regions."
    if config.label_noise:
        return f"Filled: training, hollow: {config.evaluate_on}, ringed: wrong label."
    return f"Filled: training, hollow: {config.evaluate_on}. Jagged lines show overfitting."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    data = _data(config)
    plane = extent_of(data.x, data.evaluation.x)
    traces: list[object] = [
        go.Heatmap(
            z=[],
            zmin=-0.5,
            zmax=SHADES * data.dataset.classes - 0.5,
            colorscale=colour_scale(data.dataset.classes, palette) if has_regions(config) else None,
            showscale=False,
            hoverinfo="skip",
            **_places(plane, 2),
        )
    ]
    traces += (_by_class if has_regions(config) else _without_colours)(config, data, palette)
    wrong = np.flatnonzero(data.corrupted[:MAX_POINTS])
    traces.append(
        go.Scatter(
            name="wrong label",
            mode="markers",
            x=style.typed(data.x[wrong, 0]),
            y=style.typed(data.x[wrong, 1]),
            marker={"symbol": "circle-open", "size": 12, "color": palette.text, "line": {"width": 1.5}},
            hoverinfo="skip",
        )
    )
    names = [for_plotly(name) for name in data.dataset.feature_names or ("x₁", "x₂")]
    return style.figure(
        palette,
        traces,
        x={"title": {"text": names[0]}, "range": [plane.left, plane.right], "showgrid": False},
        y={"title": {"text": names[1]}, "range": [plane.bottom, plane.top], "showgrid": False},
        showlegend=False,
        hovermode="closest",
        margin={"l": 52, "r": 12, "t": 8, "b": 40},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    plane = telemetry.extracts.get("plane")
    if plane is None:
        return Update([]) if has_regions(config) or not telemetry.step else Update([{}], {}, look(config))
    classes = np.bincount(plane.regions.ravel() // SHADES, minlength=1)
    try:
        names = dataset_of(config).class_names
    except FieldError:  # the data set has been removed; the run has its own copy
        names = tuple(str(k) for k in range(len(classes)))
    shares = ", ".join(
        f"class {names[k]} {numbers.percent(count / plane.regions.size)}" for k, count in enumerate(classes) if count
    )
    return Update(
        [{"z": style.typed(plane.regions), **_places(plane.extent, len(plane.regions))}],
        {},
        f"Mini-batch {numbers.count(plane.step)}: of the plane shown, {shares}.",
    )


def colour_scale(classes: int, palette: Palette) -> list[tuple[float, str]]:
    """Return the colour scale, from faint to full for each class.

    The value of a cell is class · SHADES + shade.
    """
    top = SHADES * classes
    scale = []
    for k in range(classes):
        for place, opacity in ((k * SHADES, 0.10), ((k + 1) * SHADES, 0.62)):
            scale.append((place / top, translucent(palette.classes[k], opacity)))
    return scale


def _by_class(config: RunConfig, data: RunData, palette: Palette) -> list[go.Scatter]:
    """Return the points, with a colour and a symbol for each class."""
    traces = []
    for k, name in enumerate(map(for_plotly, data.dataset.class_names)):
        colour, symbol = palette.classes[k], SYMBOLS[k]
        taught = np.flatnonzero(data.labels[:MAX_POINTS] == k)
        evaluated = np.flatnonzero(data.evaluation.labels[: MAX_POINTS // 2] == k)
        traces += [
            _points(data.x[taught], f"class {name}", colour, symbol, outline=palette.text),
            _points(
                data.evaluation.x[evaluated], f"class {name}, {config.evaluate_on}", colour, f"{symbol}-open", size=5
            ),
        ]
    return traces


def _without_colours(config: RunConfig, data: RunData, palette: Palette) -> list[go.Scatter]:
    """Return the points in one colour; the hover label has the class."""
    names = [for_plotly(name) for name in data.dataset.class_names]
    taught = _points(data.x[:MAX_POINTS], "training", palette.muted, "circle", size=5)
    evaluated = _points(data.evaluation.x[: MAX_POINTS // 2], config.evaluate_on, palette.muted, "circle-open", size=5)
    for trace, labels in ((taught, data.labels[:MAX_POINTS]), (evaluated, data.evaluation.labels[: MAX_POINTS // 2])):
        trace.text = [names[k] for k in labels]
        trace.hovertemplate = f"class %{{text}}, {trace.name}: %{{x:.2f}}, %{{y:.2f}}<extra></extra>"
    return [taught, evaluated]


def _points(
    x: np.ndarray, name: str, colour: str, symbol: str, size: int = 7, outline: str | None = None
) -> go.Scatter:
    line = {"width": 0.8, "color": outline} if outline else {"width": 1.2}
    return go.Scatter(
        name=name,
        mode="markers",
        x=style.typed(x[:, 0]),
        y=style.typed(x[:, 1]),
        marker={"symbol": symbol, "size": size, "color": colour, "line": line},
        hovertemplate=f"{name}: %{{x:.2f}}, %{{y:.2f}}<extra></extra>",
    )


def _places(plane: Extent, resolution: int) -> dict[str, float]:
    """Return the position of the heatmap's cells, whose centres are the points of the grid."""
    return {
        "x0": plane.left,
        "dx": (plane.right - plane.left) / (resolution - 1),
        "y0": plane.bottom,
        "dy": (plane.top - plane.bottom) / (resolution - 1),
    }


@lru_cache(maxsize=4)  # the figure is created once for each of the two themes
def _data(config: RunConfig) -> RunData:
    return select(config, dataset_of(config))
