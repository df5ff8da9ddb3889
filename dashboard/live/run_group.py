"""Several runs watched together, on the same axes and in the same frame."""

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
from dashboard.live import orders
from dashboard.live.bodies import Body, body_of, past_bodies
from dashboard.live.contents import Contents, specs_of
from dashboard.live.watched import STATUS, Watched
from engine import FieldError, dataset_of
from engine.analysis.regularizers import regularizer
from engine.analysis.twins import MAX_LINES
from engine.learning.metrics import weight_histogram
from engine.learning.network import Parameters, sizes_of
from engine.runs import states
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.looking_back import telemetry_at
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

PREFIX, BETWEEN = "group", "-"  # of a group's id, and between its runs' ids

# The state of a group is the first of these that one of its runs is in.
LIVELIEST = (
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
    """Several runs that are watched together, in this order.

    It has no state of its own. Its id consists of its runs' ids, so a page that is reloaded or a socket that reconnects
    finds the same group as long as the server knows its runs.

    Its clock counts the steps of the run that has most steps an epoch: at each of its steps all runs are at the same
    epoch.

    Args:
        runs: 1 to `MAX_LINES` of them, all different.

    Attributes:
        token: made of its runs' tokens, and so no easier to guess.

    Raises:
        FieldError: for no run, too many, or the same run twice.
    """

    # Each chart has a line for every run: drawing all of them at once would delay the next frame too long.
    charts_per_frame = 2

    def __init__(self, runs: Sequence[Run]) -> None:
        if not 1 <= len(runs) <= MAX_LINES:
            raise FieldError("runs", f"must be 1 to {MAX_LINES} to be compared live, got {len(runs)}: take fewer")
        if len({run.id for run in runs}) < len(runs):
            raise FieldError("runs", "must differ, got the same one twice: leave one of them out")
        self.runs = tuple(runs)
        self.id = BETWEEN.join([PREFIX, *(run.id for run in runs)])
        self.token = sha256("\n".join(run.token for run in runs).encode()).hexdigest()
        self.panels = OVERLAYS

    @property
    def state(self) -> str:
        """The liveliest of its runs' states."""
        mine = {run.state for run in self.runs}
        return next(state for state in LIVELIEST if state in mine)

    @property
    def names(self) -> list[str]:
        """The names of its runs, all different; a run without a name has that of its regularizer."""
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
        """Return what its board shows from the moment it is mounted: always all panels, whatever the layout."""
        entrants = tuple(Entrant(name, config) for name, config in zip(self.names, self.configs, strict=True))
        return Contents(
            self.state,
            specs_of(tuple(OVERLAYS.values()), entrants),
            table={"head": table.head(entrants), "swatches": table.swatches(entrants)},
        )

    def body(self, part: str) -> Body:
        entrants = self.entrants()
        return self._status(entrants, self.step) if part == STATUS else body_of(OVERLAYS[part].update(entrants))

    def past_body(self, step: int, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        step = max(0, min(step, self.step))
        entrants = self.at(step)
        bodies = past_bodies(OVERLAYS, panels, lambda name: body_of(OVERLAYS[name].update(entrants)))
        return self._status(entrants, step), bodies

    def order(self, manager: Manager, order: object) -> None:
        """Give all runs an order.

        "toggle" pauses all of them if any trains or is queued. Otherwise it resumes those that are paused or
        interrupted; a run that a person has stopped stays stopped.
        """
        if order != "toggle":
            for run in self.runs:
                orders.give(manager, run, order)
        elif self.state in (states.RUNNING, states.QUEUED):
            for run in self.runs:
                manager.pause(run)
        else:
            for run in self.runs:
                if run.state in orders.RESUMABLE:
                    manager.resume(run)

    def entrants(self) -> tuple[Entrant, ...]:
        """Return its runs as the charts draw them. Read them under `lock`."""
        return tuple(
            Entrant(name, run.current_config, run.telemetry) for name, run in zip(self.names, self.runs, strict=True)
        )

    def at(self, step: int) -> tuple[Entrant, ...]:
        """Return its runs as they were at a step of its clock: lines cut there, weights of the keyframe before."""
        with self.lock():
            past = [
                telemetry_at(run.initial_config, run.telemetry, round(step / self._clock_rate(run)))
                for run in self.runs
            ]
            frames = [run.telemetry.keyframes.before(then.step) for run, then in zip(self.runs, past, strict=True)]
        found = []
        for entrant, then, frame in zip(self.entrants(), past, frames, strict=True):
            then.views = _weights(entrant, frame)
            found.append(replace(entrant, telemetry=then))
        return tuple(found)

    @property
    def steps_per_epoch(self) -> int:
        """Steps of its clock in one epoch."""
        return max(run.telemetry.steps_per_epoch for run in self.runs)

    @property
    def step(self) -> int:
        """The newest step of the run that is furthest, in steps of its clock."""
        return max(round(run.telemetry.step * self._clock_rate(run)) for run in self.runs)

    def _clock_rate(self, run: Run) -> float:
        """Steps of its clock for one step of a run."""
        own = run.telemetry.steps_per_epoch
        return self.steps_per_epoch / own if own else 1.0

    def _status(self, entrants: Sequence[Entrant], step: int) -> Body:
        """Return the status, with a table in the place of the metrics.

        Args:
            entrants: its runs as they are, or as they were. step: of its clock.
        """
        named = list(zip(entrants, self.runs, strict=True))
        ended_badly = [
            f"{entrant.name}: {run.reason}" for entrant, run in named if run.state in table.ENDED_BADLY and run.reason
        ]
        return {
            "state": self.state,
            "page": self.page_version,
            "step": step,
            "last": self.step,
            "keyframe": None,
            "reason": None,
            "refused": None,
            "notice": " ".join(ended_badly),
            "figures": [],
            "table": [{"state": run.state, "cells": table.cells(entrant, run.state)} for entrant, run in named],
            "spoken": table.spoken(entrants),
            "at": max(entrant.telemetry.taken_at for entrant in entrants),
        }


def group_of(group_id: str, get: Callable[[str], Run | None]) -> RunGroup | None:
    """Return the group of an id; None if the id is not valid or one of its runs is not known.

    Args:
        get: returns the run of an id.
    """
    prefix, *ids = group_id.split(BETWEEN)
    runs = [run for run in map(get, ids) if run is not None]
    if prefix != PREFIX or len(runs) < len(ids):
        return None
    try:
        return RunGroup(runs)
    except FieldError:  # an address may contain any number of ids
        return None


def _weights(entrant: Entrant, keyframe: Keyframe | None) -> dict[str, Any]:
    """Return the only view that overlays draw; it is made from the weights alone, without the run's data."""
    if keyframe is None:
        return {}
    try:
        dataset = dataset_of(entrant.current_config)
    except FieldError:  # the data set was removed
        return {}
    sizes = sizes_of(entrant.current_config, dataset.features, dataset.classes)
    return {"weights": weight_histogram(Parameters(sizes, keyframe.flat))}
