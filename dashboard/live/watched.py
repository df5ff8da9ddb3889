"""What can be watched: a run, or a group of them. The hub serves both by these verbs and knows no difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from dashboard.charts import PANELS, Panel
from dashboard.charts.overlays import VERSUS, Overlay
from dashboard.live import bodies
from dashboard.live.group import Group
from engine.runs.server.run import Run

STATUS = "status"  # the part of a frame beside the panels: state, step, the line of figures

Watched = Run | Group


def runs_of(watched: Watched) -> tuple[Run, ...]:
    """The runs that somebody sees who watches it."""
    return watched.runs if isinstance(watched, Group) else (watched,)


def panels_of(watched: Watched) -> Mapping[str, Panel] | Mapping[str, Overlay]:
    """The panels that there are of it, by name."""
    return VERSUS if isinstance(watched, Group) else PANELS


def views_of(watched: Watched, panels: Iterable[str]) -> set[str]:
    """The views that its runs must make for these panels."""
    table = panels_of(watched)
    return {view for name in panels for view in table[name].views}


def lock_of(watched: Watched) -> AbstractContextManager[Any]:
    """While it is held, no report is added."""
    return watched.lock() if isinstance(watched, Group) else watched.lock


def sequence_of(watched: Watched, name: str) -> int:
    """The sequence number of a part of its frame: it grows whenever the part changes. Under its lock."""
    if isinstance(watched, Group):
        return watched.sequence(STATUS) if name == STATUS else VERSUS[name].sequence(watched.entrants())
    telemetry = watched.telemetry
    return telemetry.sequence[STATUS] if name == STATUS else PANELS[name].sequence(telemetry)


def body_of(watched: Watched, name: str) -> dict[str, Any]:
    """All that a part of its frame says now. Under its lock."""
    if isinstance(watched, Group):
        entrants = watched.entrants()
        if name == STATUS:
            return bodies.group_status(watched, entrants, watched.step)
        return bodies.overlay_body(name, entrants)
    if name == STATUS:
        return bodies.status_of(watched, watched.telemetry)
    return bodies.panel_body(name, watched.current_config, watched.telemetry)


def past_of(watched: Watched, step: int, panels: Iterable[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Its status and panels as they were at a step."""
    if isinstance(watched, Group):
        return bodies.past_overlays(watched, step, panels)
    return bodies.past_bodies(watched, step, panels)
