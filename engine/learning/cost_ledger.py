"""The data costs and the correct answers of the mini-batches, collected block by block."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy import ndarray as Array


class CostLedger:
    """Collects the costs of the mini-batches until they are taken, and counts the correct answers of an epoch.

    Args:
        step: the updates done before the first cost.
        correct: the correct answers of the epoch so far; None if they are not known.

    Attributes:
        step: the update of the newest collected cost.
    """

    def __init__(self, step: int = 0, correct: int | None = 0) -> None:
        self.step = step
        self._costs: list[Array] = []
        self._correct_before_block = self._correct_at_block_start = correct  # the first is 0 if a new epoch starts
        self._correct_in_block: list[Array] = []  # a count for each mini-batch, because `drop_after` removes some

    @property
    def correct(self) -> int | None:
        """The correct answers in the mini-batches of the epoch so far; None if they are not known."""
        before = self._correct_before_block
        return None if before is None else before + sum(int(counts.sum()) for counts in self._correct_in_block)

    def start_block(self, starts_epoch: bool) -> None:
        """Start a block of mini-batches, to whose beginning a diverged run may return."""
        self._correct_at_block_start = self.correct
        self._correct_before_block = 0 if starts_epoch else self.correct
        self._correct_in_block = []

    def collect(
        self,
        results_of: Callable[[int, int, int], tuple[Array, Array]],
        end: int,
        batch_length: Callable[[int], int],
    ) -> int:
        """Collect the results of the updates from the newest collected one up to step `end`.

        Args:
            results_of: (first, end, batch) -> the mean costs and the numbers of correct answers, each (end − first,),
                of the updates after step `first`, whose mini-batches all have `batch` examples.
            end: updates done.
            batch_length: step -> the number of examples of the update after it. Only the last
                mini-batch before `end` may have another length than the others.

        Returns:
            the update of the newest finite cost: `end`, or less where a cost is not finite. The
            results from the first non-finite one on are not collected.
        """
        while self.step < end:
            first = self.step
            batch = batch_length(first)
            stop = end if batch_length(end - 1) == batch else end - 1
            costs, correct = results_of(first, stop, batch)
            is_finite = np.isfinite(costs)
            count = len(costs) if is_finite.all() else int(np.argmin(is_finite))
            self._costs.append(costs[:count].astype(np.float64))
            self._correct_in_block.append(correct[:count])
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
        """Drop the results of all updates after `step`, which is not before the block."""
        dropped_count = self.step - step
        costs = self.take()
        self._costs = [costs[: max(0, len(costs) - dropped_count)]]
        if self._correct_in_block:
            correct = np.concatenate(self._correct_in_block)
            self._correct_in_block = [correct[: max(0, len(correct) - dropped_count)]]
        if not any(map(len, self._correct_in_block)):  # the block is undone, and with it the start of its epoch
            self._correct_before_block = self._correct_at_block_start
        self.step = step
