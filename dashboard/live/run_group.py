"""The `Watched` of several runs, which are shown on the same axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any

from dashboard.charts import sentences
from dashboard.charts.overlays import table
from dashboard.charts.overlays.catalogue import panels_of_runs
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.verdict import verdict
from dashboard.charts.panel import Panel
from dashboard.charts.panels.layouts import Layout
from dashboard.live.contents import Contents, panel_specs
from dashboard.live.frames.bodies import Body, add_step_of_weights, needs_weights, panel_body, past_bodies
from dashboard.live.orders import group_toggle_label, state_fields
from dashboard.live.watched import STATUS, Watched
from engine import FieldError, RunConfig, dataset_of
from engine.analysis.twins import MAX_LINES
from engine.data import dataset_title
from engine.errors import join_names
from engine.learning.metrics import weight_histogram
from engine.learning.network import Parameters, layer_sizes_of
from engine.runs import states
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.history.past_telemetry import telemetry_at
from engine.runs.names import display_name
from engine.runs.server.run import Run
from engine.runs.server.silence import silence_notice

WEIGHTS = "weights"  # the extract of the histograms
ID_PREFIX, ID_SEPARATOR = "group", "-"  # the id of a group: group-<id of a run>-<id of a run>…

# The state of a group is the first state in this list that one of its runs has.
STATE_PRIORITY = (
    states.RUNNING,
    states.QUEUED,
    states.PAUSED,
    states.ELSEWHERE,
    states.INTERRUPTED,
    states.FAILED,
    states.DIVERGED,
    states.STOPPED,
    states.FINISHED,
)


class RunGroup(Watched):
    """Several runs on one board, in a fixed order.

    A group is not stored. Its id consists of the ids of its runs, so a reloaded page or a reconnected socket finds the
    same group while its runs are on the server.

    The steps of a group are those of its run with the most steps per epoch. At each step of the group, all runs are
    shown at the same epoch.

    Args:
        runs: 1 to `MAX_LINES` different runs.

    Attributes:
        token: a hash of the tokens of the runs.

    Raises:
        FieldError: if there is no run, too many runs, or the same run twice.
    """

    # Each chart has a line for every run, so drawing all charts in one frame would take too long.
    charts_per_frame = 2

    def __init__(self, runs: Sequence[Run]) -> None:
        if not 1 <= len(runs) <= MAX_LINES:
            raise FieldError("runs", f"must be 1 to {MAX_LINES} to be compared live, got {len(runs)}: choose fewer")
        if len({run.id for run in runs}) < len(runs):
            raise FieldError("runs", "must differ, got the same run twice: remove one of them")
        self.runs = tuple(runs)
        self.id = ID_SEPARATOR.join([ID_PREFIX, *(run.id for run in runs)])
        self.token = sha256("\n".join(run.token for run in runs).encode()).hexdigest()
        self.panels = panels_of_runs(run.initial_config for run in runs)

    @property
    def state(self) -> str:
        """The state of its runs that comes first in `STATE_PRIORITY`."""
        run_states = {run.state for run in self.runs}
        return next(state for state in STATE_PRIORITY if state in run_states)

    @property
    def has_finished(self) -> bool:
        """Whether all runs have finished or were stopped."""
        return all(run.state in (states.FINISHED, states.STOPPED) for run in self.runs)

    @property
    def order(self) -> list[int]:
        """The positions of the runs in the order of tables: as chosen, and by result, best first, once all have ended.

        Charts keep the order of `runs`, on which line styles depend, so nothing in them moves when the runs end.
        """
        positions = range(len(self.runs))
        if any(run.state not in states.ENDED for run in self.runs):
            return list(positions)
        snapshots = [run.telemetry.snapshot for run in self.runs]
        return sorted(positions, key=lambda i: -snapshot.evaluation.accuracy if (snapshot := snapshots[i]) else 0.0)

    @property
    def names(self) -> list[str]:
        """Different names for the runs; a run that its user has not named is named after its settings."""
        names: list[str] = []
        for run in self.runs:
            name = display_name(run)
            numbered = (f"{name} ({i})" for i in count(2))
            names.append(
                name if name not in names else next(candidate for candidate in numbered if candidate not in names)
            )
        return names

    @property
    def page_version(self) -> str:
        return f"{self.state}, {sum(len(run.telemetry.changes) for run in self.runs)} changes"

    @property
    def title(self) -> str:
        """The names of the runs, and the data sets if no name contains its own; default names do."""
        names = join_names(self.names, "and")
        if not all(run.name for run in self.runs):
            return names
        datasets = dict.fromkeys(dataset_title(run.initial_config.dataset, short=True) for run in self.runs)
        return f"{names} on {join_names(list(datasets), 'and')}"

    def contents(self, layout: Layout) -> Contents:
        """Return the initial contents of the board. It shows all panels in every layout."""
        entrants = tuple(Entrant(name, config) for name, config in zip(self.names, self.configs, strict=True))
        return Contents(
            self.state,
            panel_specs(tuple(self.panels.values()), entrants),
            subtitle=sentences.subtitle(self.configs),
            table={"head": table.column_titles(entrants), "swatches": table.line_swatches(entrants)},
        )

    def part_body(self, part: str) -> Body:
        entrants = self.entrants()
        return self._status(entrants, self.step) if part == STATUS else panel_body(self.panels[part].update(entrants))

    def frame_parts_at(self, step: int, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        step = max(0, min(step, self.step))
        panels = tuple(panels)
        entrants = self.entrants_at(step)
        bodies = past_bodies(self.panels, panels, lambda name: _past_body(self.panels[name], entrants))
        return self._status(entrants, step), bodies

    def entrants(self) -> tuple[Entrant, ...]:
        """Return the runs in the form that charts need; hold `lock` while calling this and reading the result."""
        return tuple(
            Entrant(name, run.current_config, run.telemetry) for name, run in zip(self.names, self.runs, strict=True)
        )

    def entrants_at(self, step: int) -> tuple[Entrant, ...]:
        """Return the runs at an earlier step of the group, in the form that charts need.

        Lines end at that step. Weights are those of the last keyframe before it.
        """
        with self.lock():
            past_telemetries = [
                telemetry_at(run.initial_config, run.telemetry, round(step / self._group_steps_per_step(run)))
                for run in self.runs
            ]
            keyframes = [
                run.telemetry.keyframes.latest_at_or_before(telemetry.step)
                for run, telemetry in zip(self.runs, past_telemetries, strict=True)
            ]
            entrants = self.entrants()
        for entrant, telemetry, keyframe in zip(entrants, past_telemetries, keyframes, strict=True):
            telemetry.extracts = _PastExtracts(entrant.current_config, telemetry.extracts, keyframe)
        return tuple(
            replace(entrant, telemetry=telemetry) for entrant, telemetry in zip(entrants, past_telemetries, strict=True)
        )

    @property
    def steps_per_epoch(self) -> int:
        """The number of steps of the group in one epoch."""
        return max(run.telemetry.steps_per_epoch for run in self.runs)

    @property
    def step(self) -> int:
        """The newest step of the group: the step of the run that has trained for the most epochs."""
        return max(round(run.telemetry.step * self._group_steps_per_step(run)) for run in self.runs)

    def _group_steps_per_step(self, run: Run) -> float:
        """Return the number of steps of the group per step of a run."""
        run_steps = run.telemetry.steps_per_epoch
        return self.steps_per_epoch / run_steps if run_steps else 1.0

    def _status(self, entrants: Sequence[Entrant], step: int) -> Body:
        """Return the status, with a table instead of metrics.

        Args:
            entrants: the runs, now or at an earlier step.
            step: the step of the group.
        """
        order = self.order
        entrant_runs = [(entrants[i], self.runs[i]) for i in order]
        end_notices = [
            f"{entrant.name}: {run.reason}"
            for entrant, run in entrant_runs
            if run.state in table.UNSUCCESSFUL_STATES and run.reason
        ]
        refusal_notices = [
            f"{entrant.name}: a change was refused: {run.telemetry.refusal_reason}."
            for entrant, run in entrant_runs
            if run.telemetry.refusal_reason
        ]
        silence_notices = [
            f"{entrant.name}: {notice}" for entrant, run in entrant_runs if (notice := silence_notice(run))
        ]
        return {
            **state_fields(self.state),
            "toggle": group_toggle_label([run.state for run in self.runs]),
            "page": self.page_version,
            "step": step,
            "last": self.step,
            "keyframe": None,
            "fork_refusal": "",  # a group cannot be forked
            "sentence": verdict(entrants) if self.has_finished and step == self.step else "",
            "notice": " ".join([*end_notices, *refusal_notices, *silence_notices]),
            "metrics": [],
            "table": [
                {"state": run.state, "line": i, "cells": table.row_cells(entrant, run.state)}
                for i, (entrant, run) in zip(order, entrant_runs, strict=True)
            ],
            "spoken": table.screen_reader_text([entrant for entrant, _ in entrant_runs]),
            "measured_at": max(entrant.telemetry.reported_at for entrant in entrants),
        }


def find_group(group_id: str, get_run: Callable[[str], Run | None]) -> RunGroup | None:
    """Return the group with an id; None if the id is invalid or one of its runs is unknown.

    An id with too many runs, or with a run twice, is refused before any run is looked up.

    Args:
        group_id: the id of a group.
        get_run: returns the run with an id; None if it is unknown.
    """
    prefix, *ids = group_id.split(ID_SEPARATOR, MAX_LINES + 1)
    if prefix != ID_PREFIX or not 1 <= len(ids) <= MAX_LINES or len(set(ids)) < len(ids):
        return None
    runs = [run for run in map(get_run, ids) if run is not None]
    return RunGroup(runs) if len(runs) == len(ids) else None


def _past_body(panel: Panel, entrants: Sequence[Entrant]) -> Body:
    body = panel_body(panel.update(entrants))
    if needs_weights(panel.extracts):
        add_step_of_weights(body, {entrant.name: entrant.telemetry for entrant in entrants})
    return body


class _PastExtracts(Mapping[str, Any]):
    """The extracts of a run at an earlier step, made on first access, so that those of runs not drawn are not made.

    Extracts that need data are made only of runs in a plane.

    Args:
        config: of the run. extracts: at the earlier step, which select the data of the run.
        keyframe: the last one before that step.
    """

    def __init__(self, config: RunConfig, extracts: Mapping[str, Any], keyframe: Keyframe | None) -> None:
        self._config, self._extracts, self._keyframe = config, extracts, keyframe
        self._cache: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._cache:
            self._cache[name] = self._make(name)
        return self._cache[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._extracts)

    def __len__(self) -> int:
        return len(self._extracts)

    def _make(self, name: str) -> Any:
        """Return an extract; None if it needs data of another kind, or a data set that was removed."""
        if self._keyframe is None:
            return None
        try:
            dataset = dataset_of(self._config)
            if name == WEIGHTS:  # not by `self._extracts`, which would select the data of each run
                sizes = layer_sizes_of(self._config, dataset.features, dataset.classes)
                return weight_histogram(Parameters(sizes, self._keyframe.weights(self._config.dtype)))
            return self._extracts[name] if dataset.features == 2 else None
        except FieldError:
            return None
