"""The telemetry of a run as it was at an earlier step.

Lines end at that step, and masks are recomputed exactly. Extracts that need weights are made from the
newest keyframe that is not later; `Telemetry.keyframe` is its step.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from engine.config import RunConfig
from engine.data import RunData, dataset_of, select
from engine.learning.checkpoint import config_at
from engine.learning.network import Parameters, sizes_of
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.extracts.run_state import RunState
from engine.runs.history.telemetry import Telemetry

_selecting = threading.Lock()


def telemetry_at(initial_config: RunConfig, now: Telemetry, step: int) -> Telemetry:
    """Return the telemetry of a run as it was after `step` updates.

    Args:
        initial_config: the config the run started with. now: its present telemetry.
        step: from 0; a step beyond the end of the run gives the end.
    """
    step = max(0, min(step, now.step))
    past = Telemetry()
    past.past = True
    past.step, past.steps_per_epoch, past.taken_at, past.widest = step, now.steps_per_epoch, now.taken_at, now.widest
    epoch = now.epoch_of(step)
    past.epochs = {name: series.until(epoch) for name, series in now.epochs.items()}
    past.over_time = {name: series.until(epoch) for name, series in now.over_time.items()}
    past.mini_batch_cost = now.mini_batch_cost.until(step)
    past.snapshots = [snapshot for snapshot in now.snapshots if snapshot.step <= step]
    past.most_accurate = now.most_accurate.until(step, int(epoch))
    past.cheapest = now.cheapest.until(step, int(epoch))
    past.snapshot = past.snapshots[-1] if past.snapshots else None
    past.changes = [change for change in now.changes if change.step <= step]
    keyframe = now.keyframes.before(step)
    if keyframe is not None:
        past.keyframe = keyframe.step
        past.extracts = _Extracts(initial_config, past, keyframe)
    return past


def run_state_at(initial_config: RunConfig, telemetry: Telemetry, keyframe: Keyframe) -> RunState:
    """Return the state of the run at a keyframe.

    Raises:
        FieldError: when the data set is missing.
    """
    changes = tuple(change for change in telemetry.changes if change.step <= keyframe.step)
    data = _data(initial_config)
    parameters = Parameters(sizes_of(initial_config, data.dataset.features, data.dataset.classes), keyframe.flat)
    config = config_at(initial_config, changes, keyframe.step + 1)
    return RunState(
        config, initial_config, changes, data, parameters, keyframe.step, keyframe.halvings, keyframe.training_counts
    )


class _Extracts(Mapping[str, Any]):
    """Every extract at a keyframe, made on first access."""

    def __init__(self, initial_config: RunConfig, past: Telemetry, keyframe: Keyframe) -> None:
        self._initial_config, self._past, self._keyframe = initial_config, past, keyframe
        self._made: dict[str, Any] = {}
        self._run_state: RunState | None = None

    def __getitem__(self, name: str) -> Any:
        extract, past = EXTRACTS[name], self._past
        if name not in self._made:
            if self._run_state is None:
                self._run_state = run_state_at(self._initial_config, past, self._keyframe)
            run_state = (
                self._run_state.at_later_step(past.step, tuple(past.changes)) if extract.masks_only else self._run_state
            )
            try:
                self._made[name] = extract.make(run_state)
            except KeyError as error:  # `Mapping.get` would treat a KeyError as an unknown name
                raise RuntimeError(f"the extract {name!r} cannot be made: no {error}") from error
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in EXTRACTS  # the default implementation would make the extract

    def __iter__(self) -> Iterator[str]:
        return iter(EXTRACTS)

    def __len__(self) -> int:
        return len(EXTRACTS)


def _data(config: RunConfig) -> RunData:
    with _selecting:  # so that two viewers of one run select its data once
        return _selected(config)


@lru_cache(maxsize=2)  # successive requests are mostly for one run
def _selected(config: RunConfig) -> RunData:
    return select(config, dataset_of(config))
