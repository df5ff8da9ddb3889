"""The frames of one watched object as JSON, encoded once for all its viewers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from dashboard.live import ended_runs
from dashboard.live.bodies import trouble
from dashboard.live.parts import Part
from dashboard.live.watched import STATUS, Watched

log = logging.getLogger(__name__)


class Encoded:
    """The newest JSON of each part of the frame, made when a viewer needs it.

    The part before is kept for each panel, so that a viewer that has it is sent only what changed.

    Attributes:
        watched: what it encodes.
    """

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self._parts: dict[str, Part] = {}
        self._broken: set[str] = set()  # panels whose error has been logged
        self._completing = threading.Lock()

    def part(self, name: str, seen: int | None) -> tuple[int, str]:
        """Return a part's sequence number, and its JSON for a viewer that has the part with the number `seen`."""
        with self.watched.lock():  # arrays are read while no report is being added
            sequence = self.watched.sequence(name)
            part = self._parts.get(name)
            if part is None or part.sequence != sequence:
                part = self._parts[name] = self._part(name, sequence, part)
        return sequence, part.since(seen)

    def lacks(self, panels: Iterable[str]) -> bool:
        """Whether panels need views that the worker of an ended run has not made."""
        wanted = self.watched.views(panels)
        return any(ended_runs.missing(run, wanted) for run in self.watched.runs)

    def complete(self, panels: Iterable[str]) -> None:
        """Make the missing views from the weights that each run ended with, once for all viewers."""
        wanted = self.watched.views(panels)
        with self._completing:
            for run in self.watched.runs:
                ended_runs.complete(run, ended_runs.missing(run, wanted))

    def _part(self, name: str, sequence: int, before: Part | None) -> Part:
        if name == STATUS:
            return Part(sequence, self.watched.body(name), before)
        try:
            return Part(sequence, self.watched.body(name), before)
        except Exception as error:  # the page shows the error in the panel, and the other panels are drawn
            if name not in self._broken:
                self._broken.add(name)
                log.exception("run %s: the panel %r cannot be drawn", self.watched.id, name)
            return Part(sequence, trouble(self.watched.panels[name], error), None)
