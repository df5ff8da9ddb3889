"""Marks on an axis of epochs: vertical lines at changes of the settings and at other epochs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.charts.palette import MARK
from engine.config import SETTINGS
from engine.runs.history.telemetry import Telemetry

NEAR = 0.02  # share of a run: changes closer than this have one mark, as those of a slider that is being moved

VARIOUS = "changed"  # for runs on the same axis with different new values


@dataclass(frozen=True)
class Mark:
    """A vertical line at an epoch, with a text."""

    epoch: float
    text: str
    dash: str = "dot"


def of_changes(telemetry: Telemetry, epochs: int) -> list[Mark]:
    """Return the marks of the changes of a run; changes close to each other have one mark.

    Args:
        epochs: length of the axis.
    """
    return of_several([telemetry], epochs)


def of_several(telemetries: Iterable[Telemetry], epochs: int) -> list[Mark]:
    """Return the marks of the changes of runs on the same axis.

    A mark has the new values if all runs that changed there have the same ones, otherwise `VARIOUS`.
    """
    changes = sorted(
        (
            (each.epoch_of(change.step), i, change.fields)
            for i, each in enumerate(telemetries)
            for change in each.changes
        ),
        key=lambda change: change[:2],
    )
    groups: list[tuple[float, dict[int, dict[str, Any]]]] = []
    for at, i, fields in changes:
        if not groups or at - groups[-1][0] > NEAR * epochs:
            groups.append((at, {}))
        groups[-1][1].setdefault(i, {}).update(fields)
    return [Mark(at, _common(list(changed.values()))) for at, changed in groups]


def _common(changed: list[dict[str, Any]]) -> str:
    return words(changed[0]) if all(each == changed[0] for each in changed) else VARIOUS


def words(fields: Mapping[str, Any]) -> str:
    """Return new values by field as a text like "λ of L2 2, drop 0.3"."""
    return ", ".join(f"{SETTINGS[name].mark} {SETTINGS[name].display_text(value)}" for name, value in fields.items())


def layout(marks: Iterable[Mark], top: float = 1.0) -> dict[str, Any]:
    """Return marks as an `Update.layout`.

    Args:
        top: height of the first text, from 0 at the bottom of the chart to 1 at the top.
    """
    shapes, annotations = [], []
    for i, mark in enumerate(marks):
        line = {"color": MARK, "width": 1, "dash": mark.dash}
        shapes.append(
            {"type": "line", "yref": "paper", "x0": mark.epoch, "x1": mark.epoch, "y0": 0, "y1": 1} | {"line": line}
        )
        annotations.append(
            {
                "text": mark.text,
                "x": mark.epoch,
                "xanchor": "left",
                "y": top - 0.09 * (i % 3),  # neighbouring texts must not overlap
                "yref": "paper",
                "yanchor": "top",
                "showarrow": False,
                "font": {"color": MARK},
            }
        )
    return {"shapes": shapes, "annotations": annotations}
