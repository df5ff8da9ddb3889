"""The misclassified examples with the highest confidence, as images."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.escaping import escape_plotly, shorten
from dashboard.charts.palette import MARK_COLOUR, TRANSPARENT, Palette
from dashboard.charts.panels.confusion import class_names
from dashboard.charts.panels.mosaic import GAP
from dashboard.charts.panels.pictures import image_shape
from dashboard.charts.update import Update
from engine import RunConfig
from engine.runs.extracts.confusion import MAX_MISTAKES, Confusion, pixel_interval
from engine.runs.history.telemetry import Telemetry

COLUMNS = 4
CAPTION_HEIGHT = 0.55  # height of the two lines below an image, relative to the height of the image
MAX_LINE_LENGTH = 14  # characters of a line below an image
MAX_NAME_LENGTH = 8  # characters of each class name if the names take two lines


def applies_to(config: RunConfig) -> bool:
    """Return True if the examples are images."""
    return image_shape(config) is not None


def caption(config: RunConfig) -> str:
    return "True class, predicted class, confidence."


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        f"The misclassified {config.evaluate_on} examples with the highest confidence, the largest first.",
        "Confidence is the largest output as a share of all outputs. Some of the examples are hard for people, too.",
    )


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
        y={**hidden, "range": [rows * _cell_height(height) - 0.5, -0.5 - GAP], "scaleanchor": "x"},
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 6, "b": 6},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    confusion: Confusion | None = telemetry.extracts.get("confusion")
    if confusion is None or confusion.pictures is None:
        return Update([])
    names = class_names(config) or tuple(map(str, range(len(confusion.matrix))))
    if not confusion.mistakes:
        text = f"None of {numbers.count(confusion.example_count)} {config.evaluate_on} examples is misclassified."
        return Update([{"z": []}], {"annotations": []}, text, text)
    _, height, width = confusion.pictures.shape
    cell_height, annotations = _cell_height(height), []
    image = np.zeros((-(-MAX_MISTAKES // COLUMNS) * cell_height, COLUMNS * (width + GAP)), np.uint8)
    for i, (mistake, picture) in enumerate(zip(confusion.mistakes, confusion.pictures, strict=True)):
        top, left = (i // COLUMNS) * cell_height, (i % COLUMNS) * (width + GAP)
        image[top : top + height, left : left + width] = picture
        caption_text = picture_caption(names[mistake.label], names[mistake.predicted], mistake.confidence)
        annotations.append(_caption_annotation(caption_text, left + width / 2, top + height))
    most_confident = confusion.mistakes[0]
    text = (
        f"The most confident mistake: {names[most_confident.label]} classified as {names[most_confident.predicted]}, "
        f"confidence {numbers.percent(most_confident.confidence)}."
    )
    return Update([{"z": style.encode_array(image)}], {"annotations": annotations}, text)


def picture_caption(right: str, answer: str, share: float) -> str:
    """Return the two lines below an image, such as "7, not 1" and the confidence.

    Args:
        right: the name of the true class.
        answer: the name of the predicted class.
        share: the confidence, from 0 to 1.
    """
    line, confidence = f"{right}, not {answer}", numbers.percent(share)
    if len(line) <= MAX_LINE_LENGTH:
        return f"{escape_plotly(line)}<br>{confidence}"
    right, answer = (escape_plotly(shorten(name, MAX_NAME_LENGTH)) for name in (right, answer))
    return f"{right},<br>not {answer} {confidence}"


def _cell_height(height: int) -> int:
    """Return the height of an image with its caption, in pixels."""
    return height + max(3, round(CAPTION_HEIGHT * height))


def _caption_annotation(text: str, x: float, y: float) -> dict[str, Any]:
    position = {"x": x - 0.5, "y": y - 0.5, "xanchor": "center", "yanchor": "top", "showarrow": False}
    return {"text": text, **position, "font": {"size": 11, "color": MARK_COLOUR}}
