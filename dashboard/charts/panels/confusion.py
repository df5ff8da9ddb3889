"""The confusion matrix: what is taken for what, at a glance."""

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

WRITTEN = 12  # classes: with more, numbers in cells could not be read
LONGEST = 12  # letters of a class's name beside a row; those below the columns share so many:
BELOW = 45
LETTER = 6.5  # pixels, about


def class_names(config: RunConfig) -> tuple[str, ...]:
    """What the classes are called; none where the data have been removed since."""
    try:
        return dataset_of(config).class_names
    except FieldError:
        return ()


def short(name: str, letters: int) -> str:
    """A name of so many letters at most; where some are left out, the last one says so."""
    return name if len(name) <= letters else name[: letters - 1] + "…"


def look(config: RunConfig) -> str:
    return "Rows are the true class, columns the answer: mistakes stand off the diagonal."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    names = class_names(config)
    few = len(names) <= WRITTEN
    numbered = names == tuple(map(str, range(len(names))))
    x = y = {}
    if few or not numbered:  # of many names none is written, and every one is told to who points at its cell
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
    found: Confusion | None = telemetry.views.get("confusion")
    if found is None:
        return Update([])
    matrix = found.matrix
    shares = np.rint(100 * matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))).astype(np.uint8)
    # the depth of colour is the share of the row, faint where it would drown the number
    trace = {"z": style.typed(shares)}
    if len(matrix) <= WRITTEN:
        trace["text"] = [[str(count) if count else "" for count in row] for row in matrix.tolist()]
    wrong = int(matrix.sum() - np.trace(matrix))
    names = class_names(config) or tuple(map(str, range(len(matrix))))
    text = f"{numbers.count(wrong)} of {numbers.count(found.size)} {config.evaluate_on} examples are answered wrongly"
    if wrong:
        off = matrix - np.diag(np.diag(matrix))
        label, answer = np.unravel_index(int(off.argmax()), off.shape)
        times = int(off.max())
        text += f", most often {names[label]} taken for {names[answer]}, " + (f"{times} times" if times > 1 else "once")
    which = "" if found.whole else ", the first ones"
    return Update([trace], {}, text + ".", f"on {numbers.count(found.size)} {config.evaluate_on} examples{which}")


def _cut(names: tuple[str, ...], letters: int) -> list[str]:
    """Names for an axis. Cut first: half of what stands for a sign would be read as letters."""
    return [for_plotly(short(name, min(letters, LONGEST))) for name in names]
