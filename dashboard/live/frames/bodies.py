"""The body of a panel: its part of a frame."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from dashboard.charts import numbers
from dashboard.charts.panel import Panel
from dashboard.charts.update import Update
from dashboard.live.frames.parts import dumps
from engine.errors import FieldError
from engine.runs.extracts import EXTRACTS
from engine.runs.history.telemetry import Telemetry

log = logging.getLogger(__name__)

Body = dict[str, Any]


def panel_body(update: Update) -> Body:
    """Return the complete body of a panel."""
    body: Body = {
        "traces": update.traces,
        "layout": update.layout,
        "text": update.text,
        "note": update.note,
        "caption": update.caption,
        "missing": update.missing,
    }
    if update.rows is not None:
        body["rows"] = [asdict(row) for row in update.rows]
    return body


def past_bodies(panels: Mapping[str, Panel], names: Iterable[str], make_body: Callable[[str], Body]) -> dict[str, Body]:
    """Return the bodies of panels at an earlier step, by name. The body of a failed panel contains the error.

    Args:
        panels: all panels, by name.
        names: the names of the panels to draw.
        make_body: returns the body of a panel, given its name.
    """
    bodies = {}
    for name in names:
        try:
            body = make_body(name)
            dumps(body)  # raises here, not when the frame with the other panels is encoded
            bodies[name] = body
        except (
            FieldError
        ) as error:  # a user removed the data of the run: not an error of the program, so it is not logged
            bodies[name] = error_body(panels[name], error)
        except Exception as error:  # the other panels are drawn, as in `PartCache`
            log.exception("the panel %r cannot be drawn at an earlier step", name)
            bodies[name] = error_body(panels[name], error)
    return bodies


def error_body(panel: Panel, error: Exception) -> Body:
    """Return the body of a panel that cannot be drawn."""
    return {"trouble": f"The panel “{panel.title}” cannot be updated ({type(error).__name__}: {error})."}


def needs_weights(extracts: Iterable[str]) -> bool:
    """Return whether any of the extracts is made from weights."""
    return any(not EXTRACTS[name].masks_only for name in extracts)


def add_step_of_weights(body: Body, pasts: Mapping[str, Telemetry]) -> None:
    """Add to the caption of a panel which step's weights it shows, if that is not the step of the frame.

    Args:
        body: of the panel. pasts: the telemetry of each run at the earlier step, by the name of the run.
    """
    others = {
        name: numbers.count(past.keyframe_step)
        for name, past in pasts.items()
        if past.keyframe_step is not None and past.keyframe_step != past.step
    }
    if not others:
        return
    if len(pasts) == 1:
        text = f"Weights of step {next(iter(others.values()))}."
    else:
        text = "Weights of " + ", ".join(f"step {step} ({name})" for name, step in others.items()) + "."
    body["caption"] = " ".join(filter(None, [text, body.get("caption", "")]))
