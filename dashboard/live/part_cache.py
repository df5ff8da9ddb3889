"""The parts of the frames of one run or group as JSON, encoded once for all viewers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from dashboard.live import ended_runs
from dashboard.live.frames.bodies import error_body
from dashboard.live.frames.parts import Part
from dashboard.live.watched import STATUS, Watched

log = logging.getLogger(__name__)


class PartCache:
    """The newest JSON of each part of a frame, which is made when a viewer needs it.

    The cache also has the previous version of each part: a viewer that has this version gets only the changes.

    Attributes:
        watched: the run or the group.
    """

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self._parts: dict[str, Part] = {}
        self._failed_panels: set[str] = set()  # panels whose error has been logged
        self._extracts_lock = threading.Lock()

    def encode_part(self, name: str, seen_sequence: int | None) -> tuple[int, str]:
        """Return the sequence number of a part, and its JSON for a viewer that has the version `seen_sequence`.

        Args:
            name: the name of a panel, or `STATUS`.
            seen_sequence: the sequence number of the version that the viewer has; None if it has none.
        """
        with self.watched.lock():  # reports must not change the arrays while they are read
            sequence = self.watched.sequence_number(name)
            part = self._parts.get(name)
            if part is None or part.sequence != sequence:
                part = self._parts[name] = self._make_part(name, sequence, part)
        return sequence, part.json_since(seen_sequence)

    def has_missing_extracts(self, panels: Iterable[str]) -> bool:
        """Return whether panels need extracts that an ended run does not have."""
        needed_names = self.watched.needed_extracts(panels)
        return any(ended_runs.missing_extracts(run, needed_names) for run in self.watched.runs)

    def make_missing_extracts(self, panels: Iterable[str]) -> None:
        """Make the missing extracts of ended runs, once for all viewers."""
        needed_names = self.watched.needed_extracts(panels)
        with self._extracts_lock:
            for run in self.watched.runs:
                ended_runs.make_extracts(run, ended_runs.missing_extracts(run, needed_names))

    def _make_part(self, name: str, sequence: int, previous: Part | None) -> Part:
        if name == STATUS:
            return Part(sequence, self.watched.part_body(name), previous)
        try:
            return Part(sequence, self.watched.part_body(name), previous)
        except Exception as error:  # the panel shows the error, and the other panels are drawn
            if name not in self._failed_panels:
                self._failed_panels.add(name)
                log.exception("run %s: the panel %r cannot be drawn", self.watched.id, name)
            return Part(sequence, error_body(self.watched.panels[name], error), None)
