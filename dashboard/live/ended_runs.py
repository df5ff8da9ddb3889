"""Missing extracts of ended runs: a worker makes only the extracts that viewers need."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from engine.errors import FieldError
from engine.runs import states
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.run_state import RunState
from engine.runs.history.past_telemetry import run_state_at
from engine.runs.server.run import Run

log = logging.getLogger(__name__)


def missing_extracts(run: Run, needed_names: set[str]) -> list[str]:
    """Return the names of the needed extracts that an ended run does not have for its last step.

    Returns:
        an empty list for a run that has not ended, and for a run without the weights of its last step.
    """
    if run.state not in states.FINAL:
        return []
    telemetry = run.telemetry
    with run.lock:
        keyframe = telemetry.keyframes.latest_at_or_before(telemetry.step)
        if keyframe is None or keyframe.step != telemetry.step:
            return []
        return [
            name for name in EXTRACTS if name in needed_names and telemetry.extract_steps.get(name) != telemetry.step
        ]


def make_extracts(run: Run, names: Sequence[str]) -> None:
    """Make extracts of an ended run from its last weights."""
    telemetry = run.telemetry
    with run.lock:
        keyframe = telemetry.keyframes.latest_at_or_before(telemetry.step)
    if not names or keyframe is None:
        return
    new_extracts: dict[str, Any] = {}
    try:  # without the lock, because loading the data and running the network are slow
        run_state = run_state_at(run.initial_config, telemetry, keyframe)
        for name in names:
            new_extracts |= _make_extract(run, name, run_state)
    except FieldError:
        log.info("run %s: its data have been removed, and %s cannot be made", run.id, ", ".join(names))
    with run.lock:
        telemetry.add_extracts(new_extracts)
        # also for extracts that failed, so that they are not tried again
        telemetry.extract_steps.update(dict.fromkeys(names, telemetry.step))


def _make_extract(run: Run, name: str, run_state: RunState) -> dict[str, Any]:
    try:
        value = EXTRACTS[name].make(run_state)
        EXTRACTS[name].series_values_of(value)
    except Exception:  # the other extracts are still made, as in the worker
        log.exception("run %s: the extract %r cannot be made", run.id, name)
        return {}
    return {name: value}
