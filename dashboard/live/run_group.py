"""The `Watched` of several runs, which share axes and frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any

from dashboard.charts.overlays import table
from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.panels.layouts import Layout
from dashboard.live.bodies import Body, body_of, past_bodies
from dashboard.live.contents import Contents, specs_of
from dashboard.live.orders import state_fields
from dashboard.live.watched import STATUS, Watched
from engine import FieldError, dataset_of
from engine.analysis.regularizers import regularizer
from engine.analysis.twins import MAX_LINES
from engine.learning.metrics import weight_histogram
from engine.learning.network import Parameters, sizes_of
from engine.runs import states
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.looking_back import telemetry_at
from engine.runs.server.run import Run

PREFIX, SEPARATOR = "group", "-"  # the id of a group: group-<id of a run>-<id of a run>…

# The state of a group is the first of these that a run of it has.
STATE_PRIORITY = (
    states.RUNNING,
    states.QUEUED,
    states.PAUSED,
    states.INTERRUPTED,
    states.FAILED,
    states.DIVERGED,
    states.STOPPED,
    states.FINISHED,
)


class RunGroup(Watched):
    """Several runs on one board, in a fixed order.

    A group has no state of its own. Its id consists of the ids of its runs, so a page that is reloaded or a socket that
    reconnects finds the same group while its runs are on the server.

    The step of a group counts the steps of the run with most steps per epoch. At each step of the group, all runs are
    at the same epoch.

    Args:
        runs: 1 to `MAX_LINES` different runs.

    Attributes:
        token: a hash of the tokens of the runs, so it is as hard to guess.

    Raises:
        FieldError: if there is no run, too many runs, or the same run twice.
    """

    # Each chart has a line for every run: drawing all charts in one frame would delay the next frame too long.
    charts_per_frame = 2

    def __init__(self, runs: Sequence[Run]) -> None:
        if not 1 <= len(runs) <= MAX_LINES:
            raise FieldError("runs", f"must be 1 to {MAX_LINES} to be compared live, got {len(runs)}: take fewer")
        if len({run.id for run in runs}) < len(runs):
            raise FieldError("runs", "must differ, got the same one twice: leave one of them out")
        self.runs = tuple(runs)
        self.id = SEPARATOR.join([PREFIX, *(run.id for run in runs)])
        self.token = sha256("\n".join(run.token for run in runs).encode()).hexdigest()
        self.panels = OVERLAYS

    @property
    def state(self) -> str:
        """The state of its runs that comes first in `STATE_PRIORITY`."""
        present = {run.state for run in self.runs}
        return next(state for state in STATE_PRIORITY if state in present)

    @property
    def names(self) -> list[str]:
        """Different names for the runs; a run without a name is named after its regularizer."""
        found: list[str] = []
        for run in self.runs:
            name = run.name or regularizer(run.current_config)
            numbered = (f"{name} ({i})" for i in count(2))
            found.append(name if name not in found else next(each for each in numbered if each not in found))
        return found

    @property
    def page_version(self) -> str:
        return f"{self.state}, {sum(len(run.telemetry.changes) for run in self.runs)} changes"

    def contents(self, layout: Layout) -> Contents:
        """Return the initial contents of the board. It shows all panels in every layout."""
        entrants = tuple(Entrant(name, config) for name, config in zip(self.names, self.configs, strict=True))
        return Contents(
            self.state,
            specs_of(tuple(OVERLAYS.values()), entrants),
            table={"head": table.column_titles(entrants), "swatches": table.line_swatches(entrants)},
        )

    def body(self, part: str) -> Body:
        entrants = self.entrants()
        return self._status(entrants, self.step) if part == STATUS else body_of(OVERLAYS[part].update(entrants))

    def past_body(self, step: int, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        step = max(0, min(step, self.step))
        entrants = self.entrants_at(step)
        bodies = past_bodies(OVERLAYS, panels, lambda name: body_of(OVERLAYS[name].update(entrants)))
        return self._status(entrants, step), bodies

    def entrants(self) -> tuple[Entrant, ...]:
        """Return the runs as the charts draw them. Call it, and read the result, under `lock`."""
        return tuple(
            Entrant(name, run.current_config, run.telemetry) for name, run in zip(self.names, self.runs, strict=True)
        )

    def entrants_at(self, step: int) -> tuple[Entrant, ...]:
        """Return the runs at an earlier step of the group.

        Lines end at that step; weights are those of the last keyframe before it.
        """
        with self.lock():
            past = [
                telemetry_at(run.initial_config, run.telemetry, round(step / self._group_steps(run)))
                for run in self.runs
            ]
            keyframes = [run.telemetry.keyframes.before(then.step) for run, then in zip(self.runs, past, strict=True)]
            entrants = self.entrants()
        for entrant, telemetry, keyframe in zip(entrants, past, keyframes, strict=True):
            telemetry.extracts = _weights(entrant, keyframe)
        return tuple(replace(entrant, telemetry=then) for entrant, then in zip(entrants, past, strict=True))

    @property
    def steps_per_epoch(self) -> int:
        """Steps of the group in one epoch."""
        return max(run.telemetry.steps_per_epoch for run in self.runs)

    @property
    def step(self) -> int:
        """The newest step of the group, which is that of the run with most epochs."""
        return max(round(run.telemetry.step * self._group_steps(run)) for run in self.runs)

    def _group_steps(self, run: Run) -> float:
        """Return how many steps of the group one step of a run is."""
        own = run.telemetry.steps_per_epoch
        return self.steps_per_epoch / own if own else 1.0

    def _status(self, entrants: Sequence[Entrant], step: int) -> Body:
        """Return the status, with a table instead of metrics.

        Args:
            entrants: the runs now, or at an earlier step. step: of the group.
        """
        named = list(zip(entrants, self.runs, strict=True))
        ended_badly = [
            f"{entrant.name}: {run.reason}"
            for entrant, run in named
            if run.state in table.UNSUCCESSFUL_STATES and run.reason
        ]
        refused = [
            f"{entrant.name}: a change was refused: {run.telemetry.refused}."
            for entrant, run in named
            if run.telemetry.refused
        ]
        return {
            **state_fields(self.state),
            "page": self.page_version,
            "step": step,
            "last": self.step,
            "keyframe": None,
            "notice": " ".join([*ended_badly, *refused]),
            "metrics": [],
            "table": [{"state": run.state, "cells": table.row_cells(entrant, run.state)} for entrant, run in named],
            "spoken": table.screen_reader_text(entrants),
            "measured_at": max(entrant.telemetry.taken_at for entrant in entrants),
        }


def group_of(group_id: str, get: Callable[[str], Run | None]) -> RunGroup | None:
    """Return the group of an id; None if the id is invalid or one of its runs is unknown.

    Args:
        get: returns the run of an id, None if it is unknown.
    """
    prefix, *ids = group_id.split(SEPARATOR)
    runs = [run for run in map(get, ids) if run is not None]
    if prefix != PREFIX or len(runs) < len(ids):
        return None
    try:
        return RunGroup(runs)
    except FieldError:  # too many ids, or the same id twice
        return None


def _weights(entrant: Entrant, keyframe: Keyframe | None) -> dict[str, Any]:
    """Return the only extract that overlays draw. It is made from the weights, without the data of the run."""
    if keyframe is None:
        return {}
    try:
        dataset = dataset_of(entrant.current_config)
    except FieldError:  # the data set was removed
        return {}
    sizes = sizes_of(entrant.current_config, dataset.features, dataset.classes)
    return {"weights": weight_histogram(Parameters(sizes, keyframe.flat))}
