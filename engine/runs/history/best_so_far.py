"""The best measurement of a run so far, and the epochs since then, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy import ndarray as Array

from engine.learning.snapshot import ROW_LENGTH, Snapshot
from engine.runs.history.keyframes import densest_index

MAX_BEST_SNAPSHOTS = 400  # best measurements of a run, for its earlier steps


class BestSoFar:
    """The measurements that were better than all earlier ones, by one score.

    Args:
        score: returns the score of a snapshot; higher is better. NaN is never better, as in
            `engine.learning.early_stopping`.

    Attributes:
        best: the best measurement; None before the end of the first epoch.
    """

    def __init__(self, score: Callable[[Snapshot], float]) -> None:
        self._score = score
        self._best_snapshots: list[Snapshot] = []
        # (epoch of a best measurement, epochs without a better one), only waits longer than all earlier ones, because
        # early stopping ends in the first wait of at least `patience` epochs. The list is short: the sum of the
        # waits is at most the number of epochs.
        self._waits: list[tuple[int, int]] = []
        self._epoch = 0

    @property
    def best(self) -> Snapshot | None:
        return self._best_snapshots[-1] if self._best_snapshots else None

    def add(self, snapshot: Snapshot) -> None:
        """Add a measurement. Only measurements of later epochs are used."""
        if snapshot.epoch <= self._epoch:
            return
        self._epoch = snapshot.epoch
        if self._score(snapshot) > (self._score(self._best_snapshots[-1]) if self._best_snapshots else float("-inf")):
            self._best_snapshots.append(snapshot)
            if len(self._best_snapshots) > MAX_BEST_SNAPSHOTS:
                del self._best_snapshots[densest_index([each.step for each in self._best_snapshots])]
            return
        best_epoch = self._best_snapshots[-1].epoch if self._best_snapshots else 0
        if not self._waits or self._epoch - best_epoch > self._waits[-1][1]:
            if self._waits and self._waits[-1][0] == best_epoch:
                self._waits.pop()
            self._waits.append((best_epoch, self._epoch - best_epoch))

    def patience_end_epoch(self, patience: int) -> int | None:
        """Return the first epoch at which `patience` epochs passed without a better one, else None."""
        for best_epoch, waited_epochs in self._waits:
            if waited_epochs >= patience:
                end_epoch = best_epoch + patience
                return end_epoch if end_epoch <= self._epoch else None
        return None

    def truncated_after(self, step: int, epoch: int) -> BestSoFar:
        """Return a copy without the measurements after `step`, at which `epoch` whole epochs were done."""
        truncated = BestSoFar(self._score)
        truncated._best_snapshots = [snapshot for snapshot in self._best_snapshots if snapshot.step <= step]
        truncated._waits = [
            (best_epoch, waited_epochs) for best_epoch, waited_epochs in self._waits if best_epoch < epoch
        ]
        truncated._epoch = min(self._epoch, epoch)
        return truncated

    def to_array(self) -> Array:
        """Return the content as one float64 array (k,), for `load_array`."""
        header = [float(self._epoch), float(len(self._best_snapshots)), float(len(self._waits))]
        best_rows = [snapshot.to_array() for snapshot in self._best_snapshots]
        return np.concatenate([header, *best_rows, np.array(self._waits, dtype=np.float64).ravel()])

    def load_array(self, array: Array) -> None:
        """Set the content from an array of `to_array`.

        Raises:
            ValueError: if the array is not from `to_array`.
        """
        if array.ndim != 1 or len(array) < 3 or not np.isfinite(array[:3]).all() or (array[:3] % 1).any():
            raise ValueError("not a serialized `BestSoFar`")
        epoch, best_count, wait_count = (int(value) for value in array[:3])
        if (
            not (epoch >= 0 and best_count >= 0 and wait_count >= 0)
            or len(array) != 3 + best_count * ROW_LENGTH + 2 * wait_count
        ):
            raise ValueError("not a serialized `BestSoFar`")
        snapshot_values, wait_values = array[3 : 3 + best_count * ROW_LENGTH], array[3 + best_count * ROW_LENGTH :]
        if not np.isfinite(wait_values).all():
            raise ValueError("not a serialized `BestSoFar`")
        self._epoch = epoch
        self._best_snapshots = [Snapshot.from_array(row) for row in snapshot_values.reshape(best_count, ROW_LENGTH)]
        self._waits = [
            (int(best_epoch), int(waited_epochs)) for best_epoch, waited_epochs in wait_values.reshape(wait_count, 2)
        ]
