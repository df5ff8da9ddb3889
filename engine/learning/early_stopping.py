"""Early stopping and the learning-rate schedule of chapter 3.

Both depend on the measurement of the evaluation set (usually validation) after each epoch. Early stopping ends a run
that has not improved for `patience` epochs and keeps its best parameters. The schedule halves the learning rate after
`halve_after` epochs without improvement, at most `max_halvings` times; then it ends the run. The chapter's exercise
halves until η is 1/128 of its first value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from numpy import ndarray as Array

if TYPE_CHECKING:
    from engine.config import RunConfig
    from engine.learning.snapshot import Snapshot


@dataclass(frozen=True)
class EarlyStopping:
    """The state of early stopping and of the schedule after an epoch.

    Attributes:
        best: the best score so far: accuracy, or minus the cost.
        best_epoch: the epoch of that score. best_flat: a copy of the parameters after it.
        waited: epochs without improvement. stalled: the same, since the last halving.
        halvings: number of halvings of the learning rate.
        stopped: the reason why the run is over, or None.
    """

    best: float = float("-inf")
    best_epoch: int = 0
    best_flat: Array | None = None
    waited: int = 0
    stalled: int = 0
    halvings: int = 0
    stopped: str | None = None

    def after_epoch(self, snapshot: Snapshot, config: RunConfig, flat: Array) -> EarlyStopping:
        """Return the state after an epoch's snapshot of the parameters `flat`."""
        score = -snapshot.evaluation.cost if config.stop_on == "cost" else snapshot.evaluation.accuracy
        if score > self.best:
            best_flat = flat.copy() if config.stop_on != "never" else None
            return replace(self, best=score, best_epoch=snapshot.epoch, best_flat=best_flat, waited=0, stalled=0)
        waiting = replace(self, waited=self.waited + 1, stalled=self.stalled + 1)
        if config.stop_on != "never" and waiting.waited >= config.patience:
            return replace(waiting, stopped=f"no better {config.stop_on} for {config.patience} epochs")
        if config.halve_after is not None and waiting.stalled >= config.halve_after:
            if waiting.halvings == config.max_halvings:
                return replace(waiting, stopped=f"the learning rate was halved {config.max_halvings} times")
            return replace(waiting, halvings=waiting.halvings + 1, stalled=0)
        return waiting
