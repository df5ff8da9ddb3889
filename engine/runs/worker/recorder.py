"""Records extracts for viewers, mask counts and keyframes while a run trains."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.config import RunConfig
from engine.learning.network import Parameters
from engine.learning.training import Training
from engine.runs.extracts import EXTRACTS
from engine.runs.extracts.keyframe import Keyframe, stored_bytes
from engine.runs.extracts.masks import count_trained_batches
from engine.runs.extracts.run_state import RunState
from engine.runs.history.keyframes import MIN_KEYFRAMES, keyframe_interval, max_keyframes

MIN_INTERVAL_FACTOR = 20  # multiple of the duration of an extract until the next one: at most 5 % of the time
KEYFRAME_BYTES_PER_SECOND = 8e6  # without this limit, every early update would make a keyframe
_NEVER_MADE = (-1e9, -1, 0.0)  # time, step and duration of an extract


class Recorder:
    """Records extracts, mask counts and keyframes between two mini-batches. Training is not affected.

    Args:
        training: the training of the run. initial_config: the config the run started with.
        watched_extracts: the names of the extracts to make; None if there is no viewer.
        training_counts: the initial counts, for a resumed run; by default zeros.

    Attributes:
        watched_extracts: as above; can be set while the run trains.
        training_counts: for each hidden layer, the number of mini-batches that each neuron was trained on (neurons,).
    """

    def __init__(
        self,
        training: Training,
        initial_config: RunConfig,
        watched_extracts: Sequence[str] | None,
        training_counts: Sequence[Array] | None = None,
    ) -> None:
        self.watched_extracts = watched_extracts
        self.training_counts = (
            [np.zeros(width) for width in initial_config.hidden]
            if training_counts is None
            else [*map(np.copy, training_counts)]
        )
        self._training, self._initial_config = training, initial_config
        # updates whose masks are in `training_counts`
        self._counted_steps = 0 if training_counts is None else training.step
        # time, step and duration in seconds of the last extract, by name
        self._extract_times = dict.fromkeys(EXTRACTS, _NEVER_MADE)
        self._failed_extracts: set[str] = set()  # extracts whose error was printed
        self._previous: tuple[int, Array] | None = None  # step and parameters before the newest update
        self._keyframes: list[Keyframe] = []
        self._keyframe_time, self._keyframe_step, self._keyframe_exact = -1e9, -1, True

    def run_state(self) -> RunState:
        """Return the current state. Training changes the parameters in place, so extracts copy them."""
        training = self._training
        self.update_training_counts()
        return RunState(
            training.current_config,
            self._initial_config,
            tuple(training.changes),
            training.data,
            training.parameters,
            training.step,
            training.early_stopping.halvings,
            tuple(counts.copy() for counts in self.training_counts),
            self._parameters_before(training.step),
        )

    def keep_previous(self, is_kept: bool) -> None:
        """Keep a copy of the parameters before an update, so that panels can show what it changes; or forget it."""
        training = self._training
        self._previous = (training.step, training.parameters.flat.copy()) if is_kept else None

    def _parameters_before(self, step: int) -> Parameters | None:
        """Return the parameters one update before a step; None if they are not kept."""
        if self._previous is None or self._previous[0] != step - 1:
            return None
        return Parameters(self._training.parameters.sizes, self._previous[1])

    def update_training_counts(self) -> None:
        """Update `training_counts` to the current step."""
        training = self._training
        new_steps = range(self._counted_steps + 1, training.step + 1)
        if not new_steps:
            return
        for layer, counts in enumerate(self.training_counts, start=1):
            counts += count_trained_batches(self._initial_config, training.changes, training.data.n, layer, new_steps)
        self._counted_steps = training.step

    # Extracts

    def make_due_extracts(self, is_idle: bool) -> dict[str, Any]:
        """Return the watched extracts that are due.

        An extract that raises is left out, and its error is printed once.

        Args:
            is_idle: whether the run is not training; then every extract of an earlier step is due.
        """
        extracts: dict[str, Any] = {}
        due_names = [name for name in self.watched_extracts or () if self._is_due(name, is_idle)]
        if not due_names:
            return extracts
        run_state = self.run_state()
        for name in due_names:
            started = time.perf_counter()
            try:
                value = EXTRACTS[name].make(run_state)
                EXTRACTS[name].series_values_of(value)  # the server repeats this call, where an error would end the run
                extracts[name] = value
            except Exception:  # the run and the other panels must continue
                self._print_error_once(name)
            now = time.perf_counter()
            self._extract_times[name] = now, run_state.step, now - started
        return extracts

    def has_due_extract(self) -> bool:
        """Return whether an extract is due while the run trains."""
        return any(self._is_due(name, is_idle=False) for name in self.watched_extracts or ())

    def mark_extracts_due(self) -> None:
        """Mark all extracts as due, because the config has changed."""
        self._extract_times = {
            name: (*_NEVER_MADE[:2], duration) for name, (_, _, duration) in self._extract_times.items()
        }

    def _is_due(self, name: str, is_idle: bool) -> bool:
        made_at, step, duration = self._extract_times[name]
        interval = max(EXTRACTS[name].interval, MIN_INTERVAL_FACTOR * duration)
        return step != self._training.step and (is_idle or time.perf_counter() - made_at >= interval)

    def _print_error_once(self, name: str) -> None:
        if name not in self._failed_extracts:
            self._failed_extracts.add(name)
            print(f"the extract {name!r} failed at update {self._training.step}:", file=sys.stderr)
            traceback.print_exc()

    # Keyframes

    def add_keyframe(self, exact: bool = True) -> None:
        """Add a keyframe of the present weights, unless there is one of this step.

        Args:
            exact: whether the weights of a large network are kept to the last bit, until there is a later keyframe.
        """
        training = self._training
        if training.step == self._keyframe_step and (self._keyframe_exact or not exact):
            return
        self.update_training_counts()
        training_counts = tuple(counts.copy() for counts in self.training_counts)
        flat = training.parameters.flat.copy()
        keyframe = Keyframe(training.step, flat, training.early_stopping.halvings, training_counts)
        if not exact:
            keyframe = keyframe.as_stored()  # here and not in the server, where it would delay the frames of boards
        self._keyframes.append(keyframe)
        self._keyframe_time, self._keyframe_step = time.perf_counter(), training.step
        self._keyframe_exact = keyframe.exact

    def add_keyframe_if_due(self) -> None:
        """Add a keyframe if the last one is old enough.

        That is a matter of time, so that keyframes take little of it; and of the share of the run, because a short run
        of a large network must have `MIN_KEYFRAMES`, too.
        """
        training = self._training
        step, flat = training.step, training.parameters.flat
        since, nbytes = step - self._keyframe_step, stored_bytes(flat.nbytes, flat.itemsize)
        max_count = max_keyframes(nbytes)
        rested = time.perf_counter() - self._keyframe_time >= nbytes / KEYFRAME_BYTES_PER_SECOND
        # half of the share that is needed, because a slice of training may end long after it
        share = training.total_steps // (2 * min(max_count, MIN_KEYFRAMES))
        if (rested and since >= keyframe_interval(step, max_count)) or since >= max(1, share):
            self.add_keyframe(exact=False)

    def take_keyframes(self) -> tuple[Keyframe, ...]:
        """Return the keyframes since the last call."""
        keyframes, self._keyframes = tuple(self._keyframes), []
        return keyframes
