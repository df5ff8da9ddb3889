"""The best measurement of a run so far, and how long it has stood: exact, in bounded room."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy import ndarray as Array

from engine.learning.snapshot import NUMBERS, Snapshot
from engine.runs.history.keyframes import least_missed

KEPT = 400  # records of a run, for those who look back


class Records:
    """The measurements after an epoch that were better than all before, by one score.

    Args:
        score: of a snapshot; the higher the better. NaN is never better, as in `engine.learning.early_stopping`.

    Attributes:
        best: the best of all; None before the first epoch's end.
    """

    def __init__(self, score: Callable[[Snapshot], float]) -> None:
        self._score = score
        self._kept: list[Snapshot] = []
        # (epoch of a record, epochs it has stood without a better one), each longer than all before: the first
        # that is as long as a patience is where that patience ends. They add up to the epochs, so few are kept.
        self._waits: list[tuple[int, int]] = []
        self._epoch = 0

    @property
    def best(self) -> Snapshot | None:
        return self._kept[-1] if self._kept else None

    def take(self, snapshot: Snapshot) -> None:
        """Add the next epoch's measurement. One in the middle of an epoch, or before the first, is none."""
        if snapshot.epoch <= self._epoch:
            return
        self._epoch = snapshot.epoch
        if self._score(snapshot) > (self._score(self._kept[-1]) if self._kept else float("-inf")):
            self._kept.append(snapshot)
            if len(self._kept) > KEPT:
                del self._kept[least_missed([each.step for each in self._kept])]
            return
        since = self._kept[-1].epoch if self._kept else 0
        if not self._waits or self._epoch - since > self._waits[-1][1]:
            if self._waits and self._waits[-1][0] == since:
                self._waits.pop()
            self._waits.append((since, self._epoch - since))

    def stalled(self, patience: int) -> int | None:
        """The first epoch by which there had been nothing better for so many epochs; None if there is none yet."""
        for since, waited in self._waits:
            if waited >= patience:
                end = since + patience
                return end if end <= self._epoch else None
        return None

    def until(self, step: int, epoch: int) -> Records:
        """The records as they were when so many updates, and whole epochs, were done: a copy."""
        past = Records(self._score)
        past._kept = [snapshot for snapshot in self._kept if snapshot.step <= step]
        past._waits = [(since, waited) for since, waited in self._waits if since < epoch]
        past._epoch = min(self._epoch, epoch)
        return past

    def to_array(self) -> Array:
        """All there is to know of them, to keep: float64, (k,). See `read`."""
        head = [float(self._epoch), float(len(self._kept)), float(len(self._waits))]
        kept = [snapshot.to_array() for snapshot in self._kept]
        return np.concatenate([head, *kept, np.array(self._waits, dtype=np.float64).ravel()])

    def read(self, array: Array) -> None:
        """Take over what `to_array` told of.

        Raises:
            ValueError: for an array that tells of no records.
        """
        if array.ndim != 1 or len(array) < 3 or not np.isfinite(array[:3]).all() or (array[:3] % 1).any():
            raise ValueError("it tells of no records")
        epoch, kept, waits = (int(value) for value in array[:3])
        if not (epoch >= 0 and kept >= 0 and waits >= 0) or len(array) != 3 + kept * NUMBERS + 2 * waits:
            raise ValueError("it tells of no records")
        snapshots, pairs = array[3 : 3 + kept * NUMBERS], array[3 + kept * NUMBERS :]
        if not np.isfinite(pairs).all():
            raise ValueError("it tells of no records")
        self._epoch = epoch
        self._kept = [Snapshot.from_array(row) for row in snapshots.reshape(kept, NUMBERS)]
        self._waits = [(int(since), int(waited)) for since, waited in pairs.reshape(waits, 2)]
