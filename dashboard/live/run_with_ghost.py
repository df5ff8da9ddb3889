"""The `Watched` of one run with a ghost: another run in grey behind its curves."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dashboard.charts import metrics_line
from dashboard.charts.escaping import escape_plotly
from dashboard.charts.ghosts import with_ghost
from dashboard.live.frames.bodies import Body
from dashboard.live.single_run import SingleRun
from dashboard.live.watched import STATUS
from engine.analysis.regularizers import off_values
from engine.errors import FieldError
from engine.runs import states
from engine.runs.history.past_telemetry import telemetry_at
from engine.runs.history.telemetry import Telemetry
from engine.runs.names import display_name
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

ID_PREFIX, ID_SEPARATOR = "ghost", "-"  # the id: ghost-<kind>-<id of the run>-<id of the ghost>

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GhostKind:
    """What the ghost is to the run.

    Attributes:
        title: in the legend. short_name: in hover labels and beside metrics. caption: in the menu.
        trains_beside: whether it trains with the run and is shown at the epoch of the run; otherwise as a whole.
    """

    title: str
    short_name: str
    caption: str
    trains_beside: bool = False


WITHOUT, PREVIOUS, PINNED = "without", "previous", "pinned"
GHOST_KINDS = {
    WITHOUT: GhostKind("without a regularizer", "without", "The same run without a regularizer.", trains_beside=True),
    PREVIOUS: GhostKind("the previous run", "previous", "The run that was on this page before."),
    PINNED: GhostKind("the pinned run", "pinned", "The run that you have pinned."),
}


NO_GHOST = "none"
CHOICES = (*GHOST_KINDS, NO_GHOST)  # of a page
DEFAULT = "REGSCOPE_GHOST"  # the environment variable with the choice that a page starts with


def default_choice() -> str:
    """Return the choice that a page starts with: that of `REGSCOPE_GHOST`, else `WITHOUT`.

    Raises:
        FieldError: if `REGSCOPE_GHOST` is another text.
    """
    text = os.environ.get(DEFAULT, "").strip() or WITHOUT
    if text not in (WITHOUT, NO_GHOST):
        raise FieldError(DEFAULT, f"must be {WITHOUT} or {NO_GHOST}, got {text!r:.60}: use {NO_GHOST} for no grey run")
    return text


class RunWithGhost(SingleRun):
    """One run on a board, and a ghost behind its curves. Orders go to the run, whose own ghost follows it.

    Args:
        run: the run. ghost: another run. kind: one of `GHOST_KINDS`.
    """

    def __init__(self, run: Run, ghost: Run, kind: str) -> None:
        super().__init__(run)
        self.ghost, self.kind = ghost, GHOST_KINDS[kind]
        self.runs = (run, ghost)
        self.id = ID_SEPARATOR.join([ID_PREFIX, kind, run.id, ghost.id])
        self._failed_panels: set[str] = set()  # panels whose error has been logged
        self._past: tuple[int, Telemetry] | None = None  # an epoch, and the telemetry of the ghost at its end

    def give_order(self, manager: Manager, order: object) -> None:
        SingleRun(self.run).give_order(manager, order)

    def part_body(self, part: str) -> Body:
        return self._add_ghost(part, super().part_body(part), self.run.telemetry, self._ghost_telemetry())

    def frame_parts_at(self, step: int, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        past = self._telemetry_at(step)
        status, bodies = self._frame_parts_of(past, panels)
        with self.ghost.lock:
            ghost = self._telemetry_at_epoch(past.epoch_of(past.step))
        bodies = {name: self._add_ghost(name, body, past, ghost) for name, body in bodies.items()}
        return self._add_ghost(STATUS, status, past, ghost), bodies

    def _add_ghost(self, part: str, body: Body, run_telemetry: Telemetry, telemetry: Telemetry) -> Body:
        """Return the body of a part with the data of the ghost, given the telemetry of the run and of the ghost."""
        config, short_name = self.run.current_config, self.kind.short_name
        if part == STATUS:
            compared = telemetry if self._is_level(run_telemetry, telemetry) else None
            body = {**body, "sentence": self._sentence(run_telemetry, compared, self.name)}
            if self._has_same_data:
                body["metrics"] = metrics_line.with_ghost(body["metrics"], config, telemetry, short_name)
            return body
        make_ghost = self.panels[part].ghost
        if make_ghost is None or "trouble" in body:
            return body
        try:
            return with_ghost(body, make_ghost(config, telemetry), escape_plotly(self.name), short_name)
        except Exception:  # the panel of the run must not be lost, for example when the data of the ghost were removed
            if part not in self._failed_panels:
                self._failed_panels.add(part)
                log.exception("run %s: the ghost %s cannot be drawn in the panel %r", self.run.id, self.ghost.id, part)
            return body

    @property
    def _has_same_data(self) -> bool:
        """Whether both are measured on the same examples, so that their accuracies can be compared."""
        run, ghost = self.run.initial_config, self.ghost.initial_config
        return (run.dataset, run.evaluate_on) == (ghost.dataset, ghost.evaluate_on)

    def _is_level(self, run_telemetry: Telemetry, telemetry: Telemetry) -> bool:
        """Return whether the end of the run can be compared with the ghost.

        A ghost beside the run must have trained as long, with the same changes of η at the same steps.
        """
        run, ghost = run_telemetry.snapshot, telemetry.snapshot
        if not self.kind.trains_beside:
            return self._has_same_data
        return bool(run and ghost and ghost.epoch >= run.epoch) and shared_changes(run_telemetry) == shared_changes(
            telemetry
        )

    @property
    def name(self) -> str:
        """The name of the ghost in the legend and in the line above the board."""
        if self.kind.trains_beside:
            return self.kind.title
        return f"{self.kind.title}: {display_name(self.ghost)}"

    def _ghost_telemetry(self) -> Telemetry:
        """Return the telemetry of the ghost, up to the epoch of the run if it is shown in step with it."""
        run, ghost = self.run.telemetry, self.ghost.telemetry
        epoch = int(run.epoch_of(run.step))
        if not self.kind.trains_beside or ghost.epoch_of(ghost.step) < epoch + 1:
            return ghost
        if self._past is None or self._past[0] != epoch:
            past = self._telemetry_at_epoch(epoch)
            past.extracts = {}  # they would be made of the weights while boards wait for the lock
            self._past = epoch, past
        return self._past[1]

    def _telemetry_at_epoch(self, epoch: float) -> Telemetry:
        ghost = self.ghost
        if not self.kind.trains_beside and ghost.state in states.FINAL:
            return ghost.telemetry  # as a whole, and it changes no more
        step = round(epoch * ghost.telemetry.steps_per_epoch) if self.kind.trains_beside else ghost.telemetry.step
        return telemetry_at(ghost.initial_config, ghost.telemetry, step)


def shared_changes(telemetry: Telemetry) -> list[tuple[int, dict[str, Any]]]:
    """Return the changes of a run that are not those of its regularizers: the step and the new values of each."""
    off = off_values()
    changes = (
        (change.step, {name: value for name, value in change.fields.items() if name not in off})
        for change in telemetry.changes
    )
    return [(step, fields) for step, fields in changes if fields]


def find_run_with_ghost(watched_id: str, get_run: Callable[[str], Run | None]) -> RunWithGhost | None:
    """Return the run with a ghost that has an id; None if the id is invalid or one of the runs is unknown.

    Args:
        watched_id: the id. get_run: returns the run with an id; None if it is unknown.
    """
    prefix, *rest = watched_id.split(ID_SEPARATOR, 4)
    if prefix != ID_PREFIX or len(rest) != 3 or rest[0] not in GHOST_KINDS or rest[1] == rest[2]:
        return None
    run = get_run(rest[1])
    ghost = get_run(rest[2]) if run is not None else None
    return RunWithGhost(run, ghost, rest[0]) if run is not None and ghost is not None else None
