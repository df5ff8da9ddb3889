"""The confusion matrix."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.escaping import for_plotly
from dashboard.charts.palette import TRANSPARENT, Palette
from dashboard.charts.update import Update
from engine import FieldError, RunConfig, dataset_of
from engine.runs.extracts.confusion import Confusion
from engine.runs.history.telemetry import Telemetry

MAX_WRITTEN = 12  # classes; with more, numbers in the cells are too small to read
LONGEST = 12  # characters of a class name beside a row
BELOW = 45  # total characters of all class names below the columns
LETTER = 6.5  # approximate width in pixels


def class_names(config: RunConfig) -> tuple[str, ...]:
    """Return the names of the classes; () if the data set has been removed."""
    try:
        return dataset_of(config).class_names
    except FieldError:
        return ()


def short(name: str, letters: int) -> str:
    """Shorten a name to at most `letters` characters; a shortened name ends in …."""
    return name if len(name) <= letters else name[: letters - 1] + "…"


def look(config: RunConfig) -> str:
    return "Rows: true class, columns: answer. Mistakes are off the diagonal."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    names = class_names(config)
    few = len(names) <= MAX_WRITTEN
    numbered = names == tuple(map(str, range(len(names))))
    x = y = {}
    if few or not numbered:  # names of many classes are shown in hover labels only
        y = {"tickvals": list(range(len(names))), "showticklabels": few}
        x = {**y, "tickangle": 0, "ticktext": _cut(names, BELOW // max(1, len(names)) if few else LONGEST)}
        y = {**y, "ticktext": _cut(names, LONGEST)}
    longest = max((len(short(name, LONGEST)) for name in names), default=0) if few else 0
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
                texttemplate="%{text}" if few else None,
                textfont={"size": 11, "color": palette.text},
                hovertemplate="%{y} taken for %{x}: %{z:.0f} % of its row<extra></extra>",
            )
        ],
        x={"title": {"text": "answered"}, "showgrid": False, "constrain": "domain", **x},
        y={"title": {"text": "is"}, "showgrid": False, "autorange": "reversed", **y},
        showlegend=False,
        hovermode="closest",
        margin={"l": max(52, round(26 + LETTER * longest)), "r": 12, "t": 8, "b": 40},
    )


def update(config: RunConfig, telemetry: Telemetry) -> Update:
    found: Confusion | None = telemetry.extracts.get("confusion")
    if found is None:
        return Update([])
    matrix = found.matrix
    shares = np.rint(100 * matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))).astype(np.uint8)
    # the colours are faint so that the numbers stay readable
    trace = {"z": style.typed(shares)}
    if len(matrix) <= MAX_WRITTEN:
        trace["text"] = [[str(count) if count else "" for count in row] for row in matrix.tolist()]
    wrong = int(matrix.sum() - np.trace(matrix))
    names = class_names(config) or tuple(map(str, range(len(matrix))))
    examples = f"{numbers.count(found.example_count)} {config.evaluate_on} examples"
    text = f"{numbers.count(wrong)} of {examples} are answered wrongly"
    if wrong:
        off = matrix - np.diag(np.diag(matrix))
        label, answer = np.unravel_index(int(off.argmax()), off.shape)
        times = int(off.max())
        text += f", most often {names[label]} taken for {names[answer]}, " + (f"{times} times" if times > 1 else "once")
    which = "" if found.is_whole_set else ", the first ones"
    return Update(
        [trace], {}, text + ".", f"on {numbers.count(found.example_count)} {config.evaluate_on} examples{which}"
    )


def _cut(names: tuple[str, ...], letters: int) -> list[str]:
    """Return names for an axis, shortened before escaping so that no escape sequence is cut."""
    return [for_plotly(short(name, min(letters, LONGEST))) for name in names]
