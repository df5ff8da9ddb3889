"""The parts of the frames of one run or group as JSON, encoded once for all viewers."""

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
    """The newest JSON of each part of a frame, made when a viewer needs it.

    It keeps the previous version of each part, so that a viewer that has this version gets only the changes.

    Attributes:
        watched: the run or the group.
    """

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self._parts: dict[str, Part] = {}
        self._broken: set[str] = set()  # panels whose error has been logged
        self._completing = threading.Lock()

    def part(self, name: str, seen: int | None) -> tuple[int, str]:
        """Return the sequence number of a part, and its JSON for a viewer that has the version `seen`.

        Args:
            name: of a panel, or `STATUS`. seen: a sequence number; None if the viewer has no version.
        """
        with self.watched.lock():  # no report changes the arrays while they are read
            sequence = self.watched.sequence(name)
            part = self._parts.get(name)
            if part is None or part.sequence != sequence:
                part = self._parts[name] = self._part(name, sequence, part)
        return sequence, part.since(seen)

    def lacks(self, panels: Iterable[str]) -> bool:
        """Return whether panels need extracts that an ended run does not have."""
        needed = self.watched.extracts(panels)
        return any(ended_runs.missing(run, needed) for run in self.watched.runs)

    def complete(self, panels: Iterable[str]) -> None:
        """Make the missing views of ended runs, once for all viewers."""
        needed = self.watched.extracts(panels)
        with self._completing:
            for run in self.watched.runs:
                ended_runs.complete(run, ended_runs.missing(run, needed))

    def _part(self, name: str, sequence: int, before: Part | None) -> Part:
        if name == STATUS:
            return Part(sequence, self.watched.body(name), before)
        try:
            return Part(sequence, self.watched.body(name), before)
        except Exception as error:  # the panel shows the error, and the other panels are drawn
            if name not in self._broken:
                self._broken.add(name)
                log.exception("run %s: the panel %r cannot be drawn", self.watched.id, name)
            return Part(sequence, trouble(self.watched.panels[name], error), None)
