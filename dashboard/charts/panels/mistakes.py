"""The mistakes with the highest confidence, as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.escaping import for_plotly
from dashboard.charts.palette import MARK, TRANSPARENT, Palette
from dashboard.charts.panels.confusion import class_names, short
from dashboard.charts.panels.mosaic import GAP
from dashboard.charts.panels.pictures import image_shape
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.extracts.confusion import MAX_MISTAKES, Confusion, pixel_interval
from engine.runs.history.telemetry import Telemetry

COLUMNS = 4
CAPTION = 0.55  # height of the two lines below a picture, relative to the height of the picture
LINE = 14  # maximum number of characters in a line below a picture
NAME = 8  # maximum number of characters of each class name if the names take two lines


def shown(config: RunConfig) -> bool:
    """Return True if the examples are images."""
    return image_shape(config) is not None


def look(config: RunConfig) -> str:
    return "True class, answer and confidence. Some are hard for people too."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    shape = image_shape(config) or (1, 1)
    height, width = (len(range(0, size, pixel_interval(shape))) for size in shape)
    rows = -(-MAX_MISTAKES // COLUMNS)
    hidden = {"visible": False, "constrain": "domain"}
    return style.figure(
        palette,
        [
            go.Heatmap(
                z=[],
                zmin=0,
                zmax=255,
                colorscale=[[0, TRANSPARENT], [1, palette.text]],
                showscale=False,
                hoverinfo="skip",
            )
        ],
        x={**hidden, "range": [-0.5 - GAP, COLUMNS * (width + GAP) - 0.5]},
        y={**hidden, "range": [rows * _cell(height) - 0.5, -0.5 - GAP], "scaleanchor": "x"},
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 6, "b": 6},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    found: Confusion | None = telemetry.extracts.get("confusion")
    if found is None or found.pictures is None:
        return Update([])
    names = class_names(config) or tuple(map(str, range(len(found.matrix))))
    if not found.mistakes:
        text = f"None of {numbers.count(found.example_count)} {config.evaluate_on} examples is answered wrongly."
        return Update([{"z": []}], {"annotations": []}, text, text)
    _, height, width = found.pictures.shape
    cell, annotations = _cell(height), []
    whole = np.zeros((-(-MAX_MISTAKES // COLUMNS) * cell, COLUMNS * (width + GAP)), np.uint8)
    for i, (mistake, picture) in enumerate(zip(found.mistakes, found.pictures, strict=True)):
        top, left = (i // COLUMNS) * cell, (i % COLUMNS) * (width + GAP)
        whole[top : top + height, left : left + width] = picture
        words = caption(names[mistake.label], names[mistake.predicted], mistake.confidence)
        annotations.append(_caption(words, left + width / 2, top + height))
    surest = found.mistakes[0]
    text = (
        f"The surest mistake: {names[surest.label]} taken for {names[surest.predicted]}, "
        f"confidence {numbers.percent(surest.confidence)}."
    )
    return Update([{"z": style.typed(whole)}], {"annotations": annotations}, text)


def caption(right: str, answer: str, share: float) -> str:
    """Return the two lines below a picture: "7, not 1" and the confidence."""
    line, sure = f"{right}, not {answer}", numbers.percent(share)
    if len(line) <= LINE:
        return f"{for_plotly(line)}<br>{sure}"
    right, answer = (for_plotly(short(name, NAME)) for name in (right, answer))
    return f"{right},<br>not {answer} {sure}"


def _cell(height: int) -> int:
    """Return the height of a picture with its caption, in pixels."""
    return height + max(3, round(CAPTION * height))


def _caption(text: str, x: float, y: float) -> dict[str, Any]:
    place = {"x": x - 0.5, "y": y - 0.5, "xanchor": "center", "yanchor": "top", "showarrow": False}
    return {"text": text, **place, "font": {"size": 11, "color": MARK}}
