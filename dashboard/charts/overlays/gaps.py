"""The gap of several runs: training accuracy minus evaluation accuracy, in percentage points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import numbers, style
from dashboard.charts.overlays import run_lines
from dashboard.charts.overlays.entrant import Entrant, evaluation_set_name
from dashboard.charts.palette import Palette
from dashboard.charts.panels import measured
from dashboard.charts.panels.accuracy import correct_label_accuracy
from dashboard.charts.update import Update
from engine import Snapshot


def caption(entrants: Sequence[Entrant]) -> str:
    return "A large gap is overfitting."


def about(entrants: Sequence[Entrant]) -> tuple[str, ...]:
    return (
        f"The accuracy on training minus that on {evaluation_set_name(entrants)}, in points.",
        "With wrong labels: on the training examples with a right label.",
        measured.AFTER_EPOCH,
    )


def is_smooth(entrants: Sequence[Entrant]) -> bool:
    return not any(entrant.current_config.measure_all for entrant in entrants)


def figure(entrants: Sequence[Entrant], palette: Palette) -> go.Figure:
    return run_lines.epoch_figure(
        entrants,
        palette,
        run_lines.empty_traces(entrants, palette, "%{y:+.1f} points"),
        title={"text": "gap, points"},
        zeroline=True,
        zerolinecolor=palette.muted,
        zerolinewidth=1,
    )


def update(entrants: Sequence[Entrant]) -> Update:
    lines = run_lines.trace_data(entrants, _gap_line)
    descriptions = run_lines.describe_runs(
        entrants, lambda each: numbers.points(gap(each.telemetry.snapshot)) if each.telemetry.snapshot else None
    )
    if not descriptions:
        return Update(lines)
    return Update(
        lines,
        run_lines.layout_with_change_marks(entrants),
        f"Training minus {evaluation_set_name(entrants)}: {descriptions}.",
    )


def gap(snapshot: Snapshot) -> float:
    """Return training minus evaluation accuracy, from −1 to 1.

    The training accuracy is measured on correct labels only.
    """
    return correct_label_accuracy(snapshot) - snapshot.evaluation.accuracy


def _gap_line(entrant: Entrant) -> dict[str, Any]:
    """Return the gap over the epochs, computed from snapshots.

    A merged series has only minima and maxima, which cannot be subtracted.
    """
    snapshots = entrant.telemetry.snapshots
    epochs = np.array([snapshot.epoch for snapshot in snapshots], np.float32)
    return {
        "x": style.encode_array(epochs),
        "y": style.encode_array(np.array([100 * gap(snapshot) for snapshot in snapshots], np.float32)),
    }
