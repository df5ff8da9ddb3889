"""What is measured of a run at one moment, between two mini-batches."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from engine.metrics import Measurement


@dataclass(frozen=True)
class Snapshot:
    """One measurement, between two mini-batches, on the full network.

    Attributes:
        step: the number of updates done. epoch: the number of whole epochs done.
        training: on the training set as it was learnt from, corrupted labels included.
        clean, corrupted: the same, on the examples whose labels are right and wrong; None
            where no label is corrupted.
        judge: on the validation or test set, as the config says.
        penalty: the penalty's part of the cost, for n training examples.
        judge_penalty: the same as the book adds it to the judge's cost: divided by the judge's own size.
    """

    step: int
    epoch: int
    training: Measurement
    clean: Measurement | None
    corrupted: Measurement | None
    judge: Measurement
    penalty: float
    judge_penalty: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; each measurement with its accuracy beside its count."""

        def plain(found: Measurement | None) -> dict[str, float] | None:
            return None if found is None else {**asdict(found), "accuracy": found.accuracy}

        return {
            "epoch": self.epoch,
            "step": self.step,
            "training": plain(self.training),
            "clean": plain(self.clean),
            "corrupted": plain(self.corrupted),
            "judge": plain(self.judge),
            "penalty": self.penalty,
            "judge_penalty": self.judge_penalty,
        }
