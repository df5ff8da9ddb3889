"""What makes a run again: the changes made while it trained, and a checkpoint to go on from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy import ndarray as Array

from engine.config import SETTINGS, RunConfig
from engine.errors import FieldError
from engine.learning.early_stopping import EarlyStopping

# The fields that can change while a run trains.
CHANGEABLE = tuple(name for name, setting in SETTINGS.items() if setting.changeable)


@dataclass(frozen=True)
class Change:
    """A change of a run's config while it trains.

    Attributes:
        step: the updates done when it was made: the next update is the first it is felt in.
        fields: the new values, by field of `RunConfig`; only those in `CHANGEABLE`.
    """

    step: int
    fields: Mapping[str, Any]


def check_changeable(fields: Iterable[str]) -> None:
    """Refuse fields that take a restart.

    Raises:
        FieldError: naming the first of them.
    """
    for field in fields:
        if field == "epochs":
            raise FieldError(
                field,
                "cannot change while a run trains: save a checkpoint and continue it with "
                "Training.resume(checkpoint, data, epochs=…)",
            )
        if field not in CHANGEABLE:
            raise FieldError(field, f"cannot change while a run trains: only {', '.join(CHANGEABLE)} can")


def config_at(initial_config: RunConfig, changes: Sequence[Change], step: int) -> RunConfig:
    """The config that update `step` is made with: the one a run began with, and the changes before that update."""
    fields: dict[str, Any] = {}
    for change in changes:
        if change.step < step:
            fields |= change.fields
    return replace(initial_config, **fields)


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to go on as if it had never been interrupted. A value: copies only.

    The order of examples and the masks are functions of the seed, so the step is all there is to
    say of them, also in the middle of an epoch.

    Attributes:
        initial_config: the run as it began. changes: what was changed since, in order.
        step: updates done. flat: the parameters, as in `Parameters.flat`.
        early_stopping: what early stopping and the schedule remember.
    """

    initial_config: RunConfig
    changes: tuple[Change, ...]
    step: int
    flat: Array
    early_stopping: EarlyStopping
