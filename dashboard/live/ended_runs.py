"""The missing views of ended runs: a worker makes only the views that viewers need."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from engine.errors import FieldError
from engine.runs import states
from engine.runs.extracts import VIEWS
from engine.runs.extracts.run_state import RunState
from engine.runs.history.looking_back import run_state_at
from engine.runs.server.run import Run

log = logging.getLogger(__name__)


def missing(run: Run, needed: set[str]) -> list[str]:
    """Return the needed views that an ended run does not have of its last step; a run in training misses none."""
    if run.state not in states.FINAL:
        return []
    telemetry = run.telemetry
    with run.lock:
        keyframe = telemetry.keyframes.before(telemetry.step)
        if keyframe is None or keyframe.step != telemetry.step:
            return []
        return [name for name in VIEWS if name in needed and telemetry.viewed_at.get(name) != telemetry.step]


def complete(run: Run, names: Sequence[str]) -> None:
    """Make views of an ended run from its last weights."""
    telemetry = run.telemetry
    with run.lock:
        keyframe = telemetry.keyframes.before(telemetry.step)
    if not names or keyframe is None:
        return
    made: dict[str, Any] = {}
    try:  # without the lock: loading the data and running the network take time
        run_state = run_state_at(run.initial_config, telemetry, keyframe)
        for name in names:
            made |= _view(run, name, run_state)
    except FieldError:
        log.info("run %s: its data have been removed, and %s cannot be made", run.id, ", ".join(names))
    with run.lock:
        telemetry.add_views(made)
        telemetry.viewed_at.update(
            dict.fromkeys(names, telemetry.step)
        )  # also of a view that failed: it is not tried again


def _view(run: Run, name: str, run_state: RunState) -> dict[str, Any]:
    try:
        value = VIEWS[name].make(run_state)
        VIEWS[name].trend_of(value)
    except Exception:  # the other views are still made, as in the worker
        log.exception("run %s: the view %r cannot be made", run.id, name)
        return {}
    return {name: value}
