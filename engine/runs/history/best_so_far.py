"""The best measurement of a run so far, and how many epochs ago it was: exact, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy import ndarray as Array

from engine.learning.snapshot import ROW_LENGTH, Snapshot
from engine.runs.history.keyframes import densest_index

MAX_KEPT = 400  # best measurements of a run, for its state at earlier steps


class BestSoFar:
    """The measurements that were better than all before, by one score.

    Args:
        score: of a snapshot; higher is better. NaN is never better, as in `engine.learning.early_stopping`.

    Attributes:
        best: the best of all; None before the end of the first epoch.
    """

    def __init__(self, score: Callable[[Snapshot], float]) -> None:
        self._score = score
        self._kept: list[Snapshot] = []
        # (epoch of a best measurement, epochs without a better one), each wait longer than all before: early stopping
        # ends in the first wait of at least `patience` epochs. The sum of the waits is at most the number of
        # epochs, so there are few.
        self._waits: list[tuple[int, int]] = []
        self._epoch = 0

    @property
    def best(self) -> Snapshot | None:
        return self._kept[-1] if self._kept else None

    def take(self, snapshot: Snapshot) -> None:
        """Add the measurement of the next epoch; any other is ignored."""
        if snapshot.epoch <= self._epoch:
            return
        self._epoch = snapshot.epoch
        if self._score(snapshot) > (self._score(self._kept[-1]) if self._kept else float("-inf")):
            self._kept.append(snapshot)
            if len(self._kept) > MAX_KEPT:
                del self._kept[densest_index([each.step for each in self._kept])]
            return
        since = self._kept[-1].epoch if self._kept else 0
        if not self._waits or self._epoch - since > self._waits[-1][1]:
            if self._waits and self._waits[-1][0] == since:
                self._waits.pop()
            self._waits.append((since, self._epoch - since))

    def patience_ended(self, patience: int) -> int | None:
        """Return the first epoch that ends `patience` epochs without a better one; None if there is none."""
        for since, waited in self._waits:
            if waited >= patience:
                end = since + patience
                return end if end <= self._epoch else None
        return None

    def until(self, step: int, epoch: int) -> BestSoFar:
        """Return a copy without the measurements after a step, of which `epoch` whole epochs were done."""
        past = BestSoFar(self._score)
        past._kept = [snapshot for snapshot in self._kept if snapshot.step <= step]
        past._waits = [(since, waited) for since, waited in self._waits if since < epoch]
        past._epoch = min(self._epoch, epoch)
        return past

    def to_array(self) -> Array:
        """Return everything as one float64 array (k,), for `load_array`."""
        head = [float(self._epoch), float(len(self._kept)), float(len(self._waits))]
        kept = [snapshot.to_array() for snapshot in self._kept]
        return np.concatenate([head, *kept, np.array(self._waits, dtype=np.float64).ravel()])

    def load_array(self, array: Array) -> None:
        """Set the content from the array of `to_array`.

        Raises:
            ValueError: for an array that `to_array` cannot have returned.
        """
        if array.ndim != 1 or len(array) < 3 or not np.isfinite(array[:3]).all() or (array[:3] % 1).any():
            raise ValueError("not a serialized `BestSoFar`")
        epoch, kept, waits = (int(value) for value in array[:3])
        if not (epoch >= 0 and kept >= 0 and waits >= 0) or len(array) != 3 + kept * ROW_LENGTH + 2 * waits:
            raise ValueError("not a serialized `BestSoFar`")
        snapshots, pairs = array[3 : 3 + kept * ROW_LENGTH], array[3 + kept * ROW_LENGTH :]
        if not np.isfinite(pairs).all():
            raise ValueError("not a serialized `BestSoFar`")
        self._epoch = epoch
        self._kept = [Snapshot.from_array(row) for row in snapshots.reshape(kept, ROW_LENGTH)]
        self._waits = [(int(since), int(waited)) for since, waited in pairs.reshape(waits, 2)]
