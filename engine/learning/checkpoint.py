"""Live changes of a run, and checkpoints from which it continues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy import ndarray as Array

from engine.config import SETTINGS, RunConfig
from engine.errors import FieldError
from engine.learning.early_stopping import EarlyStopping

# The fields that can change while a run trains.
CHANGEABLE_FIELDS = tuple(name for name, setting in SETTINGS.items() if setting.changeable)


@dataclass(frozen=True)
class Change:
    """A change of a run's config while it trains.

    Attributes:
        step: updates done at the time of the change; the next update is the first with it.
        fields: the new values by field of `RunConfig`, only of those in `CHANGEABLE_FIELDS`.
    """

    step: int
    fields: Mapping[str, Any]


def check_changeable(fields: Iterable[str]) -> None:
    """Check that fields can change while a run trains.

    Raises:
        FieldError: for the first field that cannot.
    """
    for field in fields:
        if field == "epochs":
            raise FieldError(
                field,
                "cannot change while a run trains: save a checkpoint and continue it with "
                "Training.resume(checkpoint, data, epochs=…)",
            )
        if field not in CHANGEABLE_FIELDS:
            raise FieldError(field, f"cannot change while a run trains: only {', '.join(CHANGEABLE_FIELDS)} can")


def config_at(initial_config: RunConfig, changes: Sequence[Change], step: int) -> RunConfig:
    """Return the config of update `step`: the initial config with the changes before that update."""
    fields: dict[str, Any] = {}
    for change in changes:
        if change.step < step:
            fields |= change.fields
    return replace(initial_config, **fields)


@dataclass(frozen=True)
class Checkpoint:
    """The state from which a run continues as if it had not been interrupted. It holds copies only.

    The order of examples and the masks are functions of the seed and the step, also in the middle of an epoch.

    Attributes:
        initial_config: the config the run started with. changes: its live changes, in order.
        step: updates done. flat: the parameters, as in `Parameters.flat`.
        early_stopping: the state of early stopping and of the learning-rate schedule.
        epoch_correct: the correct answers in the mini-batches of the epoch so far, see `Training.mini_batch_accuracy`;
            None if they are not known, as in checkpoints of earlier versions.
    """

    initial_config: RunConfig
    changes: tuple[Change, ...]
    step: int
    flat: Array
    early_stopping: EarlyStopping
    epoch_correct: int | None = None
