"""The rows of the tables that contain weights. The fields define the columns, see `columns`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy import ndarray as Array

from engine.learning.checkpoint import Checkpoint
from engine.learning.early_stopping import EarlyStopping
from engine.runs.extracts.keyframe import Keyframe
from engine.runs.store.columns import RUN_DTYPE, column_metadata


@dataclass(frozen=True)
class KeyframeRow:
    """A row of the table `keyframes`.

    Attributes:
        step, halvings, flat: as in `Keyframe`; the weights of large networks are rounded, see `as_stored`.
        trained: the counts of all hidden layers in one vector, see `join_counts`.
        rounded: 1 if `flat` is rounded, so that it has another dtype than the run; else 0.
    """

    step: int = field(metadata=column_metadata())
    halvings: int = field(metadata=column_metadata())
    flat: Array = field(metadata=column_metadata(dtype=RUN_DTYPE))
    trained: Array = field(metadata=column_metadata(dtype="float64"))
    rounded: int = field(default=0, metadata=column_metadata())

    @classmethod
    def of(cls, keyframe: Keyframe) -> KeyframeRow:
        """Return the row of a keyframe."""
        stored = keyframe.as_stored()
        return cls(
            stored.step, stored.halvings, stored.flat, join_counts(stored.training_counts), int(not stored.exact)
        )


def pack_early_stopping(early_stopping: EarlyStopping) -> dict[str, Any]:
    """Return the state of early stopping as plain values, without the best parameters.

    `best` is −∞ before the first epoch; it becomes None.
    """
    packed = {field_.name: getattr(early_stopping, field_.name) for field_ in fields(early_stopping)}
    del packed["best_flat"]
    return packed | {"best": early_stopping.best if math.isfinite(early_stopping.best) else None}


@dataclass(frozen=True)
class CheckpointRow:
    """A row of the table `checkpoints`.

    Attributes:
        step, flat, early_stopping: as in `Checkpoint`; the best parameters are in the table `best`.
        trained: as in `KeyframeRow`. epoch_correct: as in `Checkpoint`.
    """

    step: int = field(metadata=column_metadata())
    flat: Array = field(metadata=column_metadata(dtype=RUN_DTYPE))
    trained: Array = field(metadata=column_metadata(dtype="float64"))
    # "vigil" is the name of the column and the key in files since version 0.1.0
    early_stopping: EarlyStopping = field(metadata=column_metadata(name="vigil", json=True, encode=pack_early_stopping))
    epoch_correct: int | None = field(default=None, metadata=column_metadata())

    @classmethod
    def of(cls, checkpoint: Checkpoint, trained: Iterable[Array]) -> CheckpointRow:
        """Return the row of a checkpoint. `trained`: see `Record.training_counts`."""
        return cls(
            checkpoint.step,
            checkpoint.flat,
            join_counts(trained),
            checkpoint.early_stopping,
            checkpoint.epoch_correct,
        )


@dataclass(frozen=True)
class BestRow:
    """A row of the table `best`: the parameters of the best epoch."""

    flat: Array = field(metadata=column_metadata(dtype=RUN_DTYPE))


def join_counts(trained: Iterable[Array]) -> Array:
    """Return the counts of all hidden layers as one float64 vector."""
    layers = [np.asarray(layer, dtype=np.float64) for layer in trained]
    return np.concatenate(layers) if layers else np.empty(0)
