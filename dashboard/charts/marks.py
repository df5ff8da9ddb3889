"""Marks on an axis of epochs: what was changed while the run trained, and other moments worth a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.config import SETTINGS
from engine.runs.history.telemetry import Telemetry

COLOUR = "#7F8A9C"  # seen on both grounds: an update is the same for every theme
NEAR = 0.02  # of the run: changes closer than this share a mark, as those of a slider being moved

VARIOUS = "changed"  # where runs that share an axis were given different values: the table says which


@dataclass(frozen=True)
class Mark:
    """A vertical line at an epoch, with a word."""

    epoch: float
    text: str
    dash: str = "dot"


def of_changes(telemetry: Telemetry, epochs: int) -> list[Mark]:
    """A mark for every change, those close to one another in one."""
    return of_several([telemetry], epochs)


def of_several(telemetries: Iterable[Telemetry], epochs: int) -> list[Mark]:
    """The same of runs that share an axis: the new values where they are the same in all that changed there."""
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
    """New values, as "λ of L2 2, drop 0.3"."""
    return ", ".join(f"{SETTINGS[name].mark} {SETTINGS[name].words(value)}" for name, value in fields.items())


def layout(marks: Iterable[Mark], top: float = 1.0) -> dict[str, Any]:
    """The marks as an `Update.layout`: all of them, each time.

    Args:
        top: where their words begin, from 0 at the bottom of the chart to 1 at its top: where few lines run.
    """
    shapes, annotations = [], []
    for i, mark in enumerate(marks):
        line = {"color": COLOUR, "width": 1, "dash": mark.dash}
        shapes.append(
            {"type": "line", "yref": "paper", "x0": mark.epoch, "x1": mark.epoch, "y0": 0, "y1": 1} | {"line": line}
        )
        annotations.append(
            {
                "text": mark.text,
                "x": mark.epoch,
                "xanchor": "left",
                "y": top - 0.09 * (i % 3),  # one below the other: neighbours must not lie on each other
                "yref": "paper",
                "yanchor": "top",
                "showarrow": False,
                "font": {"color": COLOUR},
            }
        )
    return {"shapes": shapes, "annotations": annotations}
