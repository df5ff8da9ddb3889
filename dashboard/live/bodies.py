"""The body of a panel: its part of a frame."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from dashboard.charts.panel import Panel
from dashboard.charts.update import Update
from dashboard.live.parts import dumps
from engine.errors import FieldError

log = logging.getLogger(__name__)

Body = dict[str, Any]


def body_of(update: Update) -> Body:
    """Return the complete body of a panel."""
    body: Body = {"traces": update.traces, "layout": update.layout, "text": update.text, "note": update.note}
    if update.rows is not None:
        body["rows"] = [asdict(row) for row in update.rows]
    return body


def past_bodies(panels: Mapping[str, Panel], names: Iterable[str], draw: Callable[[str], Body]) -> dict[str, Body]:
    """Return the bodies of panels by name. If a panel cannot be drawn, its body contains the reason.

    Args:
        panels: all panels, by name. names: of the panels to draw. draw: returns the body of a panel.
    """
    bodies = {}
    for name in names:
        try:
            body = draw(name)
            dumps(body)  # raises here, not when the frame with the other panels is encoded
            bodies[name] = body
        except FieldError as error:  # the data of the run were removed: a person did that, so it is not logged
            bodies[name] = trouble(panels[name], error)
        except Exception as error:  # the other panels are drawn, as in `Encoded`
            log.exception("the panel %r cannot be drawn at an earlier step", name)
            bodies[name] = trouble(panels[name], error)
    return bodies


def trouble(panel: Panel, error: Exception) -> Body:
    """Return the body of a panel that cannot be drawn."""
    return {"trouble": f"The panel “{panel.title}” cannot be renewed ({type(error).__name__}: {error})."}
