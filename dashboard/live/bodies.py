"""What a frame says: of the run, and of each panel, whole or as what is new since the part before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, TypeGuard

from dashboard.charts import PANELS, Update, metrics_line
from dashboard.charts.overlays import VERSUS, Entrant, table
from dashboard.live.group import Group
from engine.config import RunConfig
from engine.learning.checkpoint import config_at
from engine.runs.history.looking_back import telemetry_at
from engine.runs.history.telemetry import Telemetry
from engine.runs.server.run import Run

WORTH = 64  # characters of a line's base64 that must be the same before only its end is sent


def dumps(body: Any) -> str:
    """The JSON of a body; a NaN in it raises here: a browser could not read the frame, and would ask for no other."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False)


class Part:
    """One part of a frame: its body, and what is new in it since the part before."""

    def __init__(self, sequence: int, body: dict[str, Any], before: Part | None) -> None:
        self.sequence, self.body = sequence, body
        self._before = (before.sequence, before.body) if before else None  # and not what was before that
        self._whole = dumps(body)  # at once: what cannot be encoded must be found out by who made it
        self._news: str | None = None

    def since(self, seen: int | None) -> str:
        """The JSON for a viewer that has the part with the number `seen`."""
        if self._before is not None and seen == self._before[0]:
            if self._news is None:
                self._news = dumps(news(self._before[1], self.body))
            return self._news
        return self._whole


def news(before: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """A panel's body without what a viewer has from the one before.

    An array that has only grown, or changed at its end, is sent as its new end: `from` says how many
    characters of the base64 stay. Layout and words that are the same are left out.
    """
    if "traces" not in body or "traces" not in before or len(before["traces"]) != len(body["traces"]):
        return body
    traces = [_trace_news(old, new) for old, new in zip(before["traces"], body["traces"], strict=True)]
    layout = {name: value for name, value in body["layout"].items() if before["layout"].get(name) != value}
    same = {
        name: value for name, value in body.items() if name not in ("traces", "layout") and before.get(name) != value
    }
    return {**same, "traces": traces, "layout": layout}


def _trace_news(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in new.items():
        before = old.get(name)
        if value == before:
            continue
        found[name] = value
        if _is_line(value) and _is_line(before) and value["dtype"] == before["dtype"]:
            same = _common(before["bdata"], value["bdata"]) // 4 * 4  # four characters are three bytes
            if same >= WORTH:
                found[name] = {"dtype": value["dtype"], "from": same, "bdata": value["bdata"][same:]}
    return found


def _is_line(value: Any) -> TypeGuard[dict[str, str]]:
    """Whether it is an array of one dimension, as `style.typed` gives it: only that grows at its end."""
    return isinstance(value, dict) and value.keys() == {"dtype", "bdata"}


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # the halves are compared by memcmp: far faster than character by character
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def panel_body(name: str, config: RunConfig, telemetry: Telemetry) -> dict[str, Any]:
    """All that a panel shows."""
    return _body(PANELS[name].update(config, telemetry))


def overlay_body(name: str, entrants: Sequence[Entrant]) -> dict[str, Any]:
    """All that a panel of several runs shows."""
    return _body(VERSUS[name].update(entrants))


def _body(update: Update) -> dict[str, Any]:
    body: dict[str, Any] = {
        "traces": update.traces,
        "layout": update.layout,
        "text": update.text,
        "note": update.note,
    }
    if update.rows is not None:
        body["rows"] = [asdict(row) for row in update.rows]
    return body


def status_of(run: Run, telemetry: Telemetry) -> dict[str, Any]:
    """State, steps and the line of figures: what stands beside the panels."""
    return {
        "state": run.state,
        "page": page_of(run),
        "step": telemetry.step,
        "last": run.telemetry.step,
        "keyframe": telemetry.keyframe,
        "reason": run.reason,
        "refused": run.telemetry.refused,
        "figures": metrics_line.line(run.current_config, telemetry),
        "spoken": metrics_line.spoken(run.current_config, telemetry),
        "at": telemetry.taken_at,
    }


def group_status(group: Group, entrants: Sequence[Entrant], step: int) -> dict[str, Any]:
    """The same of several runs: a line of figures for each, in the place of the one.

    Args:
        entrants: its runs, as they are or as they were. step: of the group's clock.
    """
    rows = zip(entrants, group.runs, strict=True)
    ended = [
        f"{name}: {run.reason}"
        for name, run in zip(group.names, group.runs, strict=True)
        if run.state in table.ENDED_BADLY and run.reason
    ]
    return {
        "state": group.state,
        "page": page_of(group),
        "step": step,
        "last": group.step,
        "keyframe": None,
        "reason": None,
        "refused": None,
        "notice": " ".join(ended),
        "figures": [],
        "table": [{"state": run.state, "cells": table.cells(entrant, run.state)} for entrant, run in rows],
        "spoken": table.spoken(entrants),
        "at": max(entrant.telemetry.taken_at for entrant in entrants),
    }


def page_of(run: Run | Group | None) -> str:
    """What of a run a page is made from, beside its settings: another, and it must be made again."""
    if run is None:
        return ""
    if isinstance(run, Group):
        return f"{run.state}, {sum(len(each.telemetry.changes) for each in run.runs)} changes"
    told = run.telemetry
    return f"{run.state}, {len(told.changes)} changes, {told.refused or ''}, {told.unsaved or ''}"


def past_bodies(run: Run, step: int, panels: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Status and panels of a run as it was when `step` updates were done."""
    with run.lock:
        past = telemetry_at(run.initial_config, run.telemetry, step)
    config = config_at(run.initial_config, past.changes, past.step + 1)
    bodies = {}
    for name in panels:
        try:
            body = _past_body(name, config, past)
            dumps(body)  # what cannot be encoded must not take the other panels with it
            bodies[name] = body
        except Exception as error:  # as where it is live: the other panels go on
            bodies[name] = {"trouble": trouble(name, error)}
    return status_of(run, past), bodies


def past_overlays(group: Group, step: int, panels: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Status and panels of several runs as they were at a step of the group's clock."""
    step = max(0, min(step, group.step))
    entrants = group.at(step)
    bodies = {}
    for name in panels:
        try:
            body = overlay_body(name, entrants)
            dumps(body)
            bodies[name] = body
        except Exception as error:  # as of one run
            bodies[name] = {"trouble": trouble(name, error)}
    return group_status(group, entrants, step), bodies


def _past_body(name: str, config: RunConfig, past: Telemetry) -> dict[str, Any]:
    """All that a panel showed, or in words why it shows nothing: what it shows now must not stand there as of then."""
    panel = PANELS[name]
    if past.keyframe is None and panel.views:
        return {"trouble": f"The weights of update {past.step} of this run are no longer kept."}
    body = panel_body(name, config, past)
    if panel.figure and panel.shown(config) and not body["traces"]:
        return {"trouble": f"There is nothing to show here of update {past.step}."}
    return body


def trouble(name: str, error: Exception) -> str:
    """What the page says of a panel that cannot be drawn."""
    title = VERSUS[name].title if name in VERSUS else PANELS[name].title
    return f"The panel “{title}” cannot be renewed ({type(error).__name__}: {error})."
