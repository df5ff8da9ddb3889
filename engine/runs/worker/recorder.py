"""Records a run while it trains: the watched extracts, the counts of masks, and keyframes."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.learning.training import Training
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.extracts.masks import training_counts
from engine.runs.extracts.run_state import RunState
from engine.runs.history.keyframes import max_keyframes, spacing

MIN_INTERVALS = 20  # an extract is made at most every 20 times as long as it takes, so it uses 5 % of the time
KEYFRAME_BYTES_PER_SECOND = 8e6  # otherwise there would be a keyframe with every early update
_NEVER = (-1e9, -1, 0.0)


class Recorder:
    """Reads a run between two mini-batches without changing it.

    Args:
        training: the run. initial_config: the config it started with.
        watched: the names of the watched extracts; None if nobody watches.
        trained: the counts below of a run that is resumed; zeros when left out.

    Attributes:
        watched: as above; it may be set while the run trains.
        trained: for each hidden layer, the number of mini-batches each neuron was trained on (n,).
    """

    def __init__(
        self,
        training: Training,
        initial_config: RunConfig,
        watched: Sequence[str] | None,
        trained: Sequence[Array] | None = None,
    ) -> None:
        self.watched = watched
        self.training_counts = (
            [np.zeros(width) for width in initial_config.hidden] if trained is None else [*map(np.copy, trained)]
        )
        self._training, self._initial_config = training, initial_config
        self._counted = 0 if trained is None else training.step  # updates whose masks are in `trained`
        # by name: when and at which step an extract was made, and the seconds that took
        self._extracted = dict.fromkeys(EXTRACTS, _NEVER)
        self._broken: set[str] = set()  # extracts whose error was printed
        self._keyframes: list[Keyframe] = []
        self._keyframe_at, self._keyframe_step = -1e9, -1

    def run_state(self) -> RunState:
        """Return the present state. Training changes its parameters in place, so extracts copy them."""
        training = self._training
        self.count_masks()
        return RunState(
            training.current_config,
            self._initial_config,
            tuple(training.changes),
            training.data,
            training.parameters,
            training.step,
            training.early_stopping.halvings,
            tuple(counts.copy() for counts in self.training_counts),
        )

    def count_masks(self) -> None:
        """Count the mini-batches that each neuron was trained on, up to now."""
        training = self._training
        new = range(self._counted + 1, training.step + 1)
        if not new:
            return
        for layer, counts in enumerate(self.training_counts, start=1):
            counts += training_counts(self._initial_config, training.changes, training.data.n, layer, new)
        self._counted = training.step

    # extracts

    def extracts(self, resting: bool) -> dict[str, Any]:
        """Return the watched extracts that are due. One that raises is left out, and its error is printed once."""
        made: dict[str, Any] = {}
        due = [name for name in self.watched or () if self._is_due(name, resting)]
        if not due:
            return made
        run_state = self.run_state()
        for name in due:
            started = time.perf_counter()
            try:
                value = EXTRACTS[name].make(run_state)
                EXTRACTS[name].tracked_values_of(
                    value
                )  # the server computes it again, where an error would do more harm
                made[name] = value
            except Exception:  # the run and the other panels must continue
                self._print_error_once(name)
            now = time.perf_counter()
            self._extracted[name] = now, run_state.step, now - started
        return made

    def extract_is_due(self) -> bool:
        """Whether an extract is due while the run trains."""
        return any(self._is_due(name, resting=False) for name in self.watched or ())

    def renew_extracts(self) -> None:
        """Make every extract again without an update, because the config has changed."""
        self._extracted = {name: (*_NEVER[:2], took) for name, (_, _, took) in self._extracted.items()}

    def _is_due(self, name: str, resting: bool) -> bool:
        at, step, took = self._extracted[name]
        every = max(EXTRACTS[name].interval, MIN_INTERVALS * took)
        return step != self._training.step and (resting or time.perf_counter() - at >= every)

    def _print_error_once(self, name: str) -> None:
        if name not in self._broken:
            self._broken.add(name)
            print(f"the extract {name!r} cannot be made at update {self._training.step}:", file=sys.stderr)
            traceback.print_exc()

    # keyframes

    def keep_keyframe(self) -> None:
        """Add a keyframe of the present weights, unless there is one of this step."""
        training = self._training
        if training.step == self._keyframe_step:
            return
        self.count_masks()
        trained = tuple(counts.copy() for counts in self.training_counts)
        flat = training.parameters.flat.copy()
        self._keyframes.append(Keyframe(training.step, flat, training.early_stopping.halvings, trained))
        self._keyframe_at, self._keyframe_step = time.perf_counter(), training.step

    def keep_keyframe_if_due(self) -> None:
        """Add a keyframe if the last one is old enough."""
        step, nbytes = self._training.step, self._training.parameters.flat.nbytes
        spaced = step - self._keyframe_step >= spacing(step, max_keyframes(nbytes))
        if spaced and time.perf_counter() - self._keyframe_at >= nbytes / KEYFRAME_BYTES_PER_SECOND:
            self.keep_keyframe()

    def take_keyframes(self) -> tuple[Keyframe, ...]:
        """Return the keyframes since the last call."""
        kept, self._keyframes = tuple(self._keyframes), []
        return kept
