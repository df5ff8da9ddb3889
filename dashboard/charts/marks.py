"""Vertical lines on an axis of epochs, such as those at changes of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.charts import numbers
from dashboard.charts.palette import FLAG_COLOUR, MARK_COLOUR, WHITE
from engine.config import SETTINGS
from engine.runs.history.telemetry import Telemetry

# Share of the axis. Changes closer than this share one mark: moving a slider makes many changes.
MIN_DISTANCE = 0.02

DIFFERENT_VALUES = "changed"  # the text of a mark if runs on the same axis have different new values


@dataclass(frozen=True)
class Mark:
    """A vertical line at an epoch, with a text. `symbol` is the text on its flag; "" for a number."""

    epoch: float
    text: str
    dash: str = "dot"
    symbol: str = ""


def change_marks(telemetry: Telemetry, epochs: int) -> list[Mark]:
    """Return the marks of the changes of a run; changes close to each other share one mark.

    Args:
        telemetry: the telemetry of the run.
        epochs: the length of the axis.
    """
    return change_marks_of_runs([telemetry], epochs)


def change_marks_of_runs(telemetries: Iterable[Telemetry], epochs: int) -> list[Mark]:
    """Return the marks of the changes of runs on the same axis.

    The text of a mark is the new values if all runs that changed there have the same ones, otherwise
    `DIFFERENT_VALUES`.

    Args:
        telemetries: the telemetry of each run.
        epochs: the length of the axis.
    """
    changes = sorted(
        (
            (telemetry.epoch_of(change.step), run_index, change.fields)
            for run_index, telemetry in enumerate(telemetries)
            for change in telemetry.changes
        ),
        key=lambda change: change[:2],
    )
    changes_by_mark: list[tuple[float, dict[int, dict[str, Any]]]] = []
    for epoch, run_index, fields in changes:
        if not changes_by_mark or epoch - changes_by_mark[-1][0] > MIN_DISTANCE * epochs:
            changes_by_mark.append((epoch, {}))
        changes_by_mark[-1][1].setdefault(run_index, {}).update(fields)
    return [Mark(epoch, _shared_text(list(fields_by_run.values()))) for epoch, fields_by_run in changes_by_mark]


def _shared_text(fields_of_runs: list[dict[str, Any]]) -> str:
    """Return the text of a mark from the new values of each run that changed there."""
    first = fields_of_runs[0]
    return describe_values(first) if all(fields == first for fields in fields_of_runs) else DIFFERENT_VALUES


def describe_values(fields: Mapping[str, Any]) -> str:
    """Return new values by field as text, such as "λ of L2 2, drop 0.3"."""
    return ", ".join(f"{SETTINGS[name].mark} {SETTINGS[name].display_text(value)}" for name, value in fields.items())


def marks_layout(marks: Iterable[Mark], top: float = 1.0) -> dict[str, Any]:
    """Return marks as an `Update.layout`: a thin line each, with a flag above the chart, where no curve is.

    The flag has a number or a symbol; the text of the mark appears under the pointer.

    Args:
        marks: the marks, in the order of their epochs.
        top: the height of the chart, from 0 at the bottom of the figure to 1 at the top.
    """
    shapes, annotations = [], []
    for mark, flag in flags(marks):
        line = {"color": MARK_COLOUR, "width": 1, "dash": mark.dash}
        shapes.append(
            {"type": "line", "yref": "paper", "x0": mark.epoch, "x1": mark.epoch, "y0": 0, "y1": top} | {"line": line}
        )
        annotations.append(
            {
                "text": f"<b>{flag}</b>",
                "hovertext": f"epoch {numbers.decimal(mark.epoch)}: {mark.text}",
                "x": mark.epoch,
                "xanchor": "center",
                "y": top,
                "yref": "paper",
                "yanchor": "bottom",
                "showarrow": False,
                "bgcolor": FLAG_COLOUR,
                "borderpad": 1,
                "font": {"color": WHITE, "size": 10},
            }
        )
    return {"shapes": shapes, "annotations": annotations}


def flags(marks: Iterable[Mark]) -> list[tuple[Mark, str]]:
    """Return each mark with the text on its flag: its own symbol, or its number among the marks without one."""
    numbered, flagged = 0, []
    for mark in marks:
        numbered += not mark.symbol
        flagged.append((mark, mark.symbol or str(numbered)))
    return flagged


def describe(marks: Iterable[Mark]) -> str:
    """Return the flags and their texts in a line, the newest first, such as "2: λ of L2 2 · 1: drop 0.3"."""
    return " · ".join(f"{flag}: {mark.text}" for mark, flag in reversed(flags(marks)))
