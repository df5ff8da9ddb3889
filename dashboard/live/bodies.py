"""The bodies of panels: what a frame contains of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from dashboard.charts.panel import Panel
from dashboard.charts.update import Update
from dashboard.live.parts import dumps

Body = dict[str, Any]


def body_of(update: Update) -> Body:
    """Return the whole body of a panel."""
    body: Body = {"traces": update.traces, "layout": update.layout, "text": update.text, "note": update.note}
    if update.rows is not None:
        body["rows"] = [asdict(row) for row in update.rows]
    return body


def past_bodies(panels: Mapping[str, Panel], names: Iterable[str], draw: Callable[[str], Body]) -> dict[str, Body]:
    """Return the bodies of panels by name; one that cannot be drawn contains why, and the others are drawn.

    Args:
        panels: by name. names: which of them. draw: returns the body of one.
    """
    bodies = {}
    for name in names:
        try:
            body = draw(name)
            dumps(body)  # a body that JSON cannot hold must not lose the other panels
            bodies[name] = body
        except Exception as error:  # as in `Encoded`, which does the same for a run as it is now
            bodies[name] = trouble(panels[name], error)
    return bodies


def trouble(panel: Panel, error: Exception) -> Body:
    """Return the body of a panel that cannot be drawn."""
    return {"trouble": f"The panel “{panel.title}” cannot be renewed ({type(error).__name__}: {error})."}
