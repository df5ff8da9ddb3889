"""The decision boundaries of several runs side by side, each with the name and the colour of its run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.escaping import escape_plotly, shorten
from dashboard.charts.overlays.entrant import Entrant, evaluation_set_name
from dashboard.charts.overlays.line_styles import LineStyle, line_styles_of, mix_colour
from dashboard.charts.palette import DARK, Palette
from dashboard.charts.panels import boundary
from dashboard.charts.update import Update
from engine import FieldError, RunConfig
from engine.analysis.boundary import Extent, extent_of
from engine.data import PLANAR
from engine.data.own import is_own_dataset, own_shape
from engine.runs.extracts.plane import SHADES

MAX_RUNS = 4  # more are too small to be read on a screen of 1280 pixels
MAX_POINTS = 200  # training points in each; they do not change, and a page gets them once
SYMBOL_SCALE = 0.6  # of the symbols of the panel of one run
GAP = 0.014  # share of the width between two boundaries
TOWARDS_BLACK, TOWARDS_WHITE = -0.3, 0.2  # of the colour of a name, so that it can be read
MIN_NAME, MAX_NAME = 4, 30  # characters above a boundary
NAMES_LENGTH = 72  # characters of all names together that fit above the boundaries on a screen of 1280 pixels


def has_plane(config: RunConfig) -> bool:
    """Return whether the data of a run have two features, without loading them."""
    if config.dataset in PLANAR:
        return True
    try:
        return is_own_dataset(config.dataset) and _own_feature_count(config.dataset) == 2
    except FieldError:  # the data set has been removed
        return False


def applies_to(entrants: Sequence[Entrant]) -> bool:
    return any(has_plane(entrant.current_config) for entrant in entrants)


def caption(entrants: Sequence[Entrant]) -> str:
    count, total = len(_shown(entrants)), len(entrants)
    first = f"The first {count} of {total} runs. " if count < total else ""
    return f"{first}Jagged lines around single points show overfitting."


def about(entrants: Sequence[Entrant]) -> tuple[str, ...]:
    return (
        "The class that each network predicts at each point of the plane, with all neurons; the colour is stronger "
        "where the confidence is higher.",
        f"Filled points are training examples, hollow ones {evaluation_set_name(entrants)} examples. Ringed points "
        "have a wrong label.",
        f"At most {MAX_RUNS} runs are drawn, in the order in which they were chosen.",
    )


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    shown = _shown(entrants)
    count = len(shown)
    regions: list[Any] = []
    points: list[Any] = []
    axes: dict[str, Any] = {}
    names = []
    width = (1 - GAP * (count - 1)) / count
    for i, (entrant, line_style) in enumerate(shown):
        number = str(i + 1) if i else ""
        drawn, extent = _traces_and_extent(entrant.current_config, palette)
        for trace in drawn:
            trace.update(xaxis=f"x{number}", yaxis=f"y{number}", showlegend=False)
        drawn[0].name = escape_plotly(entrant.name)
        regions.append(drawn[0])
        points += drawn[1:]
        left = i * (width + GAP)
        frame = _frame(line_style, palette)
        axes[f"xaxis{number}"] = {
            "domain": [left, left + width],
            "anchor": f"y{number}",
            "range": [extent.left, extent.right],
            **frame,
        }
        axes[f"yaxis{number}"] = {"anchor": f"x{number}", "range": [extent.bottom, extent.top], **frame}
        name = _names_by_length(entrant)[min(MAX_NAME, NAMES_LENGTH // count) - MIN_NAME]
        names.append(_name_above(name, f"x{number} domain", f"y{number} domain", line_style, palette))
    return style.figure(
        palette,
        [*regions, *points],  # the regions first, so that an update needs nothing for the points
        x=axes.pop("xaxis"),
        y=axes.pop("yaxis"),
        **axes,
        annotations=names,
        # the board chooses the columns and the lengths of the names that fit, see layout.js
        meta={"names": [_names_by_length(entrant) for entrant, _ in shown], "gap": GAP},
        showlegend=False,
        hovermode="closest",
        margin={"l": 4, "r": 4, "t": 20, "b": 4},
    )


def update(entrants: Sequence[Entrant]) -> Update:
    traces: list[dict[str, Any]] = []
    descriptions = []
    for entrant, _ in _shown(entrants):
        plane = entrant.telemetry.extracts.get("plane")
        # an empty matrix removes the regions of another step
        traces.append({"z": []} if plane is None else boundary.region_data(plane))
        if plane is not None:
            cells = np.bincount(plane.regions.ravel() // SHADES)
            shares = " ".join(numbers.percent(count / plane.regions.size) for count in cells)
            descriptions.append(f"{entrant.name} {shares}")
    if not descriptions:
        return Update(traces)
    return Update(traces, {}, f"Shares of the plane shown, by class: {', '.join(descriptions)}.")


def _shown(entrants: Sequence[Entrant]) -> list[tuple[Entrant, LineStyle]]:
    """Return the runs whose boundaries are drawn, with their line styles."""
    styles = line_styles_of([entrant.current_config for entrant in entrants])
    return [
        (entrant, line_style)
        for entrant, line_style in zip(entrants, styles, strict=True)
        if has_plane(entrant.current_config)
    ][:MAX_RUNS]


def _traces_and_extent(config: RunConfig, palette: Palette) -> tuple[list[Any], Extent]:
    """Return the traces of one boundary, the regions first, and what it shows of the plane."""
    try:
        data = boundary.run_data_of(config)
    except FieldError:  # the data set has been removed: the frame stays empty
        return [go.Heatmap(z=[], showscale=False, hoverinfo="skip")], Extent(-1, 1, -1, 1)
    drawn = boundary.regions_and_points(config, palette, MAX_POINTS, SYMBOL_SCALE)
    return drawn, extent_of(data.x, data.evaluation.x)


def _frame(line_style: LineStyle, palette: Palette) -> dict[str, Any]:
    """Return the attributes of an axis that is a frame in the colour of a run."""
    return {
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "showticklabels": False,
        "showline": True,
        "mirror": True,
        "linecolor": line_style.colour(palette),
        "linewidth": 2,
    }


def _names_by_length(entrant: Entrant) -> list[str]:
    """Return the name of a run as the text of an annotation, with at most `MIN_NAME` to `MAX_NAME` characters."""
    return [f"<b>{escape_plotly(shorten(entrant.name, length))}</b>" for length in range(MIN_NAME, MAX_NAME + 1)]


def _name_above(name: str, x_axis: str, y_axis: str, line_style: LineStyle, palette: Palette) -> dict[str, Any]:
    """Return the annotation with the name of a run above its boundary."""
    return {
        "text": name,
        "x": 0,
        "y": 1,
        "xref": x_axis,
        "yref": y_axis,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12, "color": _readable(line_style, palette)},
    }


def _readable(line_style: LineStyle, palette: Palette) -> str:
    """Return the colour of a run for text, darker or lighter; that of the text for a colour that needs an outline."""
    if line_style.outlined:
        return palette.text
    return mix_colour(line_style.colour(palette), TOWARDS_WHITE if palette == DARK else TOWARDS_BLACK)


@lru_cache(maxsize=64)
def _own_feature_count(name: str) -> int:
    """Return the number of features of an own data set, whose content never changes."""
    _, features, _, _ = own_shape(name)
    return features
