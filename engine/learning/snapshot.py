"""The measurements of a run at one moment, between two mini-batches."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.learning.metrics import Measurement

ROW_LENGTH = 16  # of a snapshot as an array: step, epoch, three for each of four measurements, two penalties


@dataclass(frozen=True)
class Snapshot:
    """The measurements of the full network between two mini-batches.

    Attributes:
        step: updates done. epoch: whole epochs done.
        training: on the training set, corrupted labels included.
        clean, corrupted: the same on the examples with right and with wrong labels; None without corrupted labels.
        evaluation: on the validation or test set, see `RunConfig.evaluate_on`.
        penalty: the penalty's part of the cost, for n training examples.
        evaluation_penalty: the penalty as the book adds it to the cost of the evaluation set: divided by its size.
    """

    step: int
    epoch: int
    training: Measurement
    clean: Measurement | None
    corrupted: Measurement | None
    evaluation: Measurement
    penalty: float
    evaluation_penalty: float = 0.0

    @property
    def judge(self) -> Measurement:
        """The name of `evaluation` in programs exported by version 0.1.0."""
        return self.evaluation

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; each measurement also has its accuracy."""

        def to_json(measurement: Measurement | None) -> dict[str, float] | None:
            return None if measurement is None else {**asdict(measurement), "accuracy": measurement.accuracy}

        return {
            "epoch": self.epoch,
            "step": self.step,
            "training": to_json(self.training),
            "clean": to_json(self.clean),
            "corrupted": to_json(self.corrupted),
            "judge": to_json(self.evaluation),  # the keys of version 0.1.0, which scripts read
            "penalty": self.penalty,
            "judge_penalty": self.evaluation_penalty,
        }

    def to_array(self) -> Array:
        """Return an exact array for storage, float64 (ROW_LENGTH,); a missing measurement has size −1."""
        row = [float(self.step), float(self.epoch)]
        for measurement in (self.training, self.clean, self.corrupted, self.evaluation):
            row += (
                [float("nan"), 0.0, -1.0]
                if measurement is None
                else [measurement.cost, measurement.correct, measurement.size]
            )
        return np.array([*row, self.penalty, self.evaluation_penalty], dtype=np.float64)

    @classmethod
    def from_array(cls, row: Array) -> Snapshot:
        """Return the snapshot of an array from `to_array`.

        Raises:
            ValueError: if the array is not a serialized snapshot.
        """
        counts = row[[0, 1, 3, 4, 6, 7, 9, 10, 12, 13]] if row.shape == (ROW_LENGTH,) else np.array([np.nan])
        if not np.isfinite(counts).all() or (counts % 1).any():
            raise ValueError("not a serialized snapshot")
        measurements = [
            Measurement(float(cost), int(correct), int(size)) if size >= 0 else None
            for cost, correct, size in row[2:14].reshape(4, 3)
        ]
        training, clean, corrupted, evaluation = measurements
        if training is None or evaluation is None or row[0] < 0 or row[1] < 0:
            raise ValueError("not a serialized snapshot")
        return cls(int(row[0]), int(row[1]), training, clean, corrupted, evaluation, float(row[14]), float(row[15]))
