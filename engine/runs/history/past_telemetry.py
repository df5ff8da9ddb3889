"""The telemetry of a run at an earlier step.

Series end at that step, and masks are recomputed exactly. Extracts that need weights are computed from the newest
keyframe that is not later; `Telemetry.keyframe_step` is its step.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from engine.config import RunConfig
from engine.data import RunData, dataset_of, select
from engine.learning.checkpoint import config_at
from engine.learning.network import Parameters, layer_sizes_of
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.extracts.run_state import RunState
from engine.runs.history.telemetry import Telemetry

MAX_PLANES = 8  # runs that are compared: looking back draws the boundaries of several of them at each step
_selection_lock = threading.Lock()


def telemetry_at(initial_config: RunConfig, telemetry: Telemetry, step: int) -> Telemetry:
    """Return the telemetry of a run after `step` updates.

    Args:
        initial_config: the config the run started with. telemetry: the current telemetry.
        step: the number of updates done; a number beyond the current step means the current step.
    """
    step = max(0, min(step, telemetry.step))
    past = Telemetry()
    past.step, past.steps_per_epoch = step, telemetry.steps_per_epoch
    past.pace = telemetry.pace
    past.reported_at, past.max_histogram_limit = telemetry.reported_at, telemetry.max_histogram_limit
    epoch = telemetry.epoch_of(step)
    past.epochs = {name: series.truncated_after(epoch) for name, series in telemetry.epochs.items()}
    past.over_time = {name: series.truncated_after(epoch) for name, series in telemetry.over_time.items()}
    past.mini_batch_cost = telemetry.mini_batch_cost.truncated_after(step)
    past.snapshots = [snapshot for snapshot in telemetry.snapshots if snapshot.step <= step]
    past.best_by_accuracy = telemetry.best_by_accuracy.truncated_after(step, int(epoch))
    past.best_by_cost = telemetry.best_by_cost.truncated_after(step, int(epoch))
    past.snapshot = past.snapshots[-1] if past.snapshots else None
    past.changes = [change for change in telemetry.changes if change.step <= step]
    if telemetry.chosen_weight is not None:
        past.chosen_weight = telemetry.chosen_weight.truncated_after(epoch)
    keyframe = telemetry.keyframes.latest_at_or_before(step)
    if keyframe is not None:
        past.keyframe_step = keyframe.step
        before = telemetry.keyframes.latest_at_or_before(keyframe.step - 1) if past.is_slow else None
        past.extracts = _Extracts(initial_config, past, keyframe, before)
    return past


def copy_at(initial_config: RunConfig, telemetry: Telemetry, step: int) -> Telemetry:
    """Return a copy of the telemetry of a run after `step` updates, with its keyframes and without extracts.

    Call it under the lock of the run; later reports do not change the copy. Arguments as in `telemetry_at`.
    """
    copied = telemetry_at(initial_config, telemetry, step)
    copied.extracts, copied.keyframe_step = {}, None
    for keyframe in telemetry.keyframes:
        if keyframe.step <= step:
            copied.keyframes.add(keyframe)
    return copied


def run_state_at(
    initial_config: RunConfig, telemetry: Telemetry, keyframe: Keyframe, before: Keyframe | None = None
) -> RunState:
    """Return the state of the run at a keyframe.

    Args:
        initial_config: the config the run started with. telemetry: of the run. keyframe: of the run.
        before: the keyframe before that one, for the change by the newest mini-batch; None if it is not needed.

    Raises:
        FieldError: if the data set is missing.
    """
    changes = tuple(change for change in telemetry.changes if change.step <= keyframe.step)
    data = _run_data(initial_config)
    sizes = layer_sizes_of(initial_config, data.dataset.features, data.dataset.classes)
    parameters = Parameters(sizes, keyframe.weights(initial_config.dtype))
    previous = None
    if before is not None and before.step == keyframe.step - 1 and before.exact and keyframe.exact:
        previous = Parameters(sizes, before.weights(initial_config.dtype))
    current_config = config_at(initial_config, changes, keyframe.step + 1)
    return RunState(
        current_config,
        initial_config,
        changes,
        data,
        parameters,
        keyframe.step,
        keyframe.halvings,
        keyframe.training_counts,
        previous,
    )


class _Extracts(Mapping[str, Any]):
    """Every extract at a keyframe, computed on first access."""

    def __init__(
        self, initial_config: RunConfig, past: Telemetry, keyframe: Keyframe, before: Keyframe | None = None
    ) -> None:
        self._initial_config, self._past, self._keyframe, self._before = initial_config, past, keyframe, before
        self._cache: dict[str, Any] = {}
        self._run_state: RunState | None = None

    def __getitem__(self, name: str) -> Any:
        extract, past = EXTRACTS[name], self._past
        if name not in self._cache:
            if self._run_state is None:
                self._run_state = run_state_at(self._initial_config, past, self._keyframe, self._before)
            run_state = self._run_state
            if extract.masks_only:
                run_state = run_state.at_later_step(past.step, tuple(past.changes))
            try:
                self._cache[name] = extract.make(run_state)
            except KeyError as error:  # `Mapping.get` would treat a KeyError as an unknown name
                raise RuntimeError(f"the extract {name!r} raised KeyError: {error}") from error
        return self._cache[name]

    def __contains__(self, name: object) -> bool:
        return name in EXTRACTS  # the default implementation would compute the extract

    def __iter__(self) -> Iterator[str]:
        return iter(EXTRACTS)

    def __len__(self) -> int:
        return len(EXTRACTS)


def _run_data(config: RunConfig) -> RunData:
    in_plane = dataset_of(config).features == 2
    with _selection_lock:  # two viewers of one run must select its data only once
        return _select_in_plane(config) if in_plane else _select_cached(config)


@lru_cache(maxsize=2)  # consecutive requests are mostly for the same run, and the data may be large
def _select_cached(config: RunConfig) -> RunData:
    return select(config, dataset_of(config))


@lru_cache(maxsize=MAX_PLANES)
def _select_in_plane(config: RunConfig) -> RunData:
    return select(config, dataset_of(config))
