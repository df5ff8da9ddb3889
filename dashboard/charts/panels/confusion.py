"""The confusion matrix."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.escaping import escape_plotly, shorten
from dashboard.charts.palette import TRANSPARENT, Palette
from dashboard.charts.update import Update
from engine import FieldError, RunConfig, dataset_of
from engine.runs.extracts.confusion import Confusion
from engine.runs.history.telemetry import Telemetry

MAX_CLASSES_WITH_NUMBERS = 12  # with more classes, numbers in the cells would be too small to read
MAX_NAME_LENGTH = 12  # characters of a class name beside a row
MAX_COLUMN_NAMES_LENGTH = 45  # characters of all class names below the columns together
CHARACTER_WIDTH = 6.5  # pixels, approximately


def class_names(config: RunConfig) -> tuple[str, ...]:
    """Return the names of the classes; () if the data set has been removed."""
    try:
        return dataset_of(config).class_names
    except FieldError:
        return ()


def caption(config: RunConfig) -> str:
    return "Rows: true class. Columns: predicted class."


def about(config: RunConfig) -> tuple[str, ...]:
    return (
        "A cell has the number of examples of the class of its row that were classified as that of its column. Its "
        "colour is the share of its row. Mistakes are off the diagonal.",
        f"Measured after an epoch on {config.evaluate_on} examples with all neurons.",
    )


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    names = class_names(config)
    has_numbers = len(names) <= MAX_CLASSES_WITH_NUMBERS
    are_indices = names == tuple(map(str, range(len(names))))
    x = y = {}
    if has_numbers or not are_indices:  # names of many classes are shown in hover labels only
        y = {"tickvals": list(range(len(names))), "showticklabels": has_numbers}
        x = {
            **y,
            "tickangle": 0,
            "ticktext": _axis_labels(
                names, MAX_COLUMN_NAMES_LENGTH // max(1, len(names)) if has_numbers else MAX_NAME_LENGTH
            ),
        }
        y = {**y, "ticktext": _axis_labels(names, MAX_NAME_LENGTH)}
    longest_name = max((len(shorten(name, MAX_NAME_LENGTH)) for name in names), default=0) if has_numbers else 0
    return style.figure(
        palette,
        [
            go.Heatmap(
                z=[],
                text=[],
                zmin=0,
                zmax=100,
                colorscale=[[0, TRANSPARENT], [1, palette.matrix]],
                showscale=False,
                xgap=1,
                ygap=1,
                texttemplate="%{text}" if has_numbers else None,
                textfont={"size": 11, "color": palette.text},
                hovertemplate="true class %{y} · predicted class %{x}<br>%{z:.1f} % of class %{y}<extra></extra>",
            )
        ],
        x={"showgrid": False, "constrain": "domain", **x},
        y={"showgrid": False, "autorange": "reversed", **y},
        showlegend=False,
        hovermode="closest",
        margin={"l": round(16 + CHARACTER_WIDTH * longest_name), "r": 8, "t": 6, "b": 20},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    confusion: Confusion | None = telemetry.extracts.get("confusion")
    if confusion is None:
        return Update([])
    matrix = confusion.matrix
    shares = np.rint(100 * matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))).astype(np.uint8)
    # the colours are faint so that the numbers stay readable
    trace = {"z": style.encode_array(shares)}
    if len(matrix) <= MAX_CLASSES_WITH_NUMBERS:
        trace["text"] = [[str(count) if count else "" for count in row] for row in matrix.tolist()]
    mistake_count = int(matrix.sum() - np.trace(matrix))
    names = class_names(config) or tuple(map(str, range(len(matrix))))
    examples = f"{numbers.count(confusion.example_count)} {config.evaluate_on} examples"
    text = f"{numbers.count(mistake_count)} of {examples} are misclassified"
    if mistake_count:
        mistakes = matrix - np.diag(np.diag(matrix))
        label, answer = np.unravel_index(int(mistakes.argmax()), mistakes.shape)
        largest_count = int(mistakes.max())
        text += f", most often {names[label]} as {names[answer]}, " + (
            f"{largest_count} times" if largest_count > 1 else "once"
        )
    subset = "" if confusion.is_whole_set else ", the first ones"
    return Update([trace], {}, text + ".", f"on {examples}{subset}")


def _axis_labels(names: tuple[str, ...], max_length: int) -> list[str]:
    """Return class names for an axis, shortened before escaping so that no escape sequence is cut."""
    return [escape_plotly(shorten(name, min(max_length, MAX_NAME_LENGTH))) for name in names]
