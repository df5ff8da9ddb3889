"""The data costs of all mini-batches, collected block by block and returned in order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy import ndarray as Array


class CostLedger:
    """Collects the costs of the mini-batches until they are taken.

    Args:
        step: the updates done before the first cost.

    Attributes:
        step: the update of the newest collected cost.
    """

    def __init__(self, step: int = 0) -> None:
        self.step = step
        self._costs: list[Array] = []

    def collect(self, costs_of: Callable[[int, int, int], Array], end: int, batch_length: Callable[[int], int]) -> int:
        """Collect the costs of the updates from the newest collected one up to step `end`.

        Args:
            costs_of: (first, end, batch) -> the mean costs (end − first,) of the updates after step
                `first`, whose mini-batches all have `batch` examples.
            end: updates done.
            batch_length: step -> the number of examples of the update after it. Only the last
                mini-batch before `end` may have another length than the others.

        Returns:
            the update of the newest finite cost: `end`, or less where a cost is not finite. The
            costs from the first non-finite one on are not collected.
        """
        while self.step < end:
            first = self.step
            batch = batch_length(first)
            stop = end if batch_length(end - 1) == batch else end - 1
            costs = costs_of(first, stop, batch)
            is_finite = np.isfinite(costs)
            count = len(costs) if is_finite.all() else int(np.argmin(is_finite))
            self._costs.append(costs[:count].astype(np.float64))
            self.step += count
            if count < len(costs):
                break
        return self.step

    def take(self) -> Array:
        """Return the costs collected since the last call, float64 (k,), and clear the list.

        The last of them belongs to update `step`.
        """
        costs = np.concatenate(self._costs) if self._costs else np.empty(0)
        self._costs = []
        return costs

    def drop_after(self, step: int) -> None:
        """Drop the costs of all updates after `step`."""
        costs = self.take()
        self._costs = [costs[: max(0, len(costs) - (self.step - step))]]
        self.step = step
