"""The confusion matrix: what is taken for what, at a glance."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from dashboard.words import for_plotly
from engine import FieldError, RunConfig, dataset_of
from engine.runs.telemetry import Telemetry
from engine.runs.views.confusion import Confusion

WRITTEN = 12  # classes: with more, numbers in cells could not be read


def class_names(config: RunConfig) -> tuple[str, ...]:
    """What the classes are called; none where the data have been removed since."""
    try:
        return dataset_of(config).class_names
    except FieldError:
        return ()


def look(config: RunConfig) -> str:
    return "Rows are what it is, columns the answer: off the diagonal stands what is taken for what."


def figure(config: RunConfig, palette: Palette) -> go.Figure:
    names = [for_plotly(name) for name in class_names(config)]
    few = len(names) <= WRITTEN
    ticks = {"tickvals": list(range(len(names))), "ticktext": names} if few else {}
    return style.figure(
        palette,
        [
            go.Heatmap(
                z=[],
                text=[],
                zmin=0,
                zmax=100,
                colorscale=[[0, "rgba(0,0,0,0)"], [1, palette.matrix]],
                showscale=False,
                xgap=1,
                ygap=1,
                texttemplate="%{text}" if few else None,
                textfont={"size": 11, "color": palette.text},
                hovertemplate="%{y} taken for %{x}: %{z:.0f} % of its row<extra></extra>",
            )
        ],
        x={"title": {"text": "answered"}, "showgrid": False, "constrain": "domain", **ticks},
        y={"title": {"text": "is"}, "showgrid": False, "autorange": "reversed", **ticks},
        showlegend=False,
        hovermode="closest",
        margin={"l": 52, "r": 12, "t": 8, "b": 40},
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
    text = f"{wrong} of {numbers.count(found.size)} {config.evaluate_on} examples are answered wrongly"
    if wrong:
        off = matrix - np.diag(np.diag(matrix))
        label, answer = np.unravel_index(int(off.argmax()), off.shape)
        text += f", most often {names[label]} taken for {names[answer]}, {int(off.max())} times"
    which = "" if found.whole else ", the first ones"
    return Update([trace], {}, text + ".", f"on {numbers.count(found.size)} {config.evaluate_on} examples{which}")
