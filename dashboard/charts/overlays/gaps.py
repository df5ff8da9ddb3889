"""The gap of several runs: training accuracy minus validation accuracy, in percentage points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.overlays import strokes
from dashboard.charts.overlays.entrant import Entrant, evaluated_on
from dashboard.charts.palette import Palette
from dashboard.charts.panels.accuracy import learnt
from dashboard.charts.update import Update
from engine import Snapshot


def look(entrants: Sequence[Entrant]) -> str:
    return f"Training minus {evaluated_on(entrants)} accuracy. Regularization should keep it small."


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    return strokes.over_epochs(
        entrants,
        palette,
        strokes.traces(entrants, palette, "%{y:+.1f} points"),
        title={"text": "gap, points"},
        zeroline=True,
        zerolinecolor=palette.muted,
        zerolinewidth=1,
    )


def update(entrants: Sequence[Entrant]) -> Update:
    lines = strokes.data(entrants, _line)
    words = strokes.describe_runs(
        entrants, lambda each: numbers.points(gap(each.telemetry.snapshot)) if each.telemetry.snapshot else None
    )
    if not words:
        return Update(lines)
    return Update(lines, strokes.marked(entrants), f"Training minus {evaluated_on(entrants)}: {words}.")


def gap(snapshot: Snapshot) -> float:
    """Return training minus evaluation accuracy, from −1 to 1.

    The training accuracy is measured on correct labels only.
    """
    return learnt(snapshot) - snapshot.evaluation.accuracy


def _line(entrant: Entrant) -> dict[str, Any]:
    """Return the gap over the epochs, computed from snapshots.

    A merged series has only minima and maxima, which cannot be subtracted.
    """
    shots = entrant.telemetry.snapshots
    epochs = np.array([shot.epoch for shot in shots], np.float32)
    return {"x": style.typed(epochs), "y": style.typed(np.array([100 * gap(shot) for shot in shots], np.float32))}
