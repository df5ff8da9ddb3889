"""The regularizers of a run: which are in effect, their names, and configs without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.config import SETTINGS, RunConfig
from engine.families.penalties import PENALTIES, penalty_of
from engine.settings.kinds import Whole

NO_REGULARIZATION = "no regularization"

# The config fields of dropout, with their values without it. A penalty has its own in `Penalty.off_values`.
DROPOUT_OFF: Mapping[str, Any] = {"drop_probability": 0.0, "input_drop_probability": 0.0}


def off_values() -> dict[str, Any]:
    """Return the fields of all regularizers with the values that switch them off."""
    return {**{field: member.off_value for field, member in PENALTIES.items()}, **DROPOUT_OFF}


def without_regularizers(config: RunConfig, **fields: Any) -> RunConfig:
    """Return a config with no regularizer but those in `fields`."""
    return replace(config, **{**off_values(), **fields})


def active_regularizers(config: RunConfig) -> dict[str, Any]:
    """Return the fields of the regularizers that are in effect, with their values.

    Penalties on hidden neurons and dropout of hidden neurons are not in effect in a network without any.
    """
    penalties = {member.field: getattr(config, member.field) for member in penalty_of(config, n=1).members}
    return penalties | _active_dropout(config)


def is_regularized(config: RunConfig) -> bool:
    """Return True if a penalty or dropout is in effect."""
    return bool(active_regularizers(config))


def has_dropout(config: RunConfig) -> bool:
    """Return True if hidden neurons or inputs are dropped."""
    return bool(_active_dropout(config))


def regularizer_text(config: RunConfig) -> str:
    """Return the regularizers in effect with their strengths: "L2 λ 1, dropout ½"."""
    return (
        ", ".join(SETTINGS[field].assignment(value) for field, value in active_regularizers(config).items())
        or NO_REGULARIZATION
    )


def _active_dropout(config: RunConfig) -> dict[str, Any]:
    has_neurons = {"input_drop_probability": True, "drop_probability": bool(config.hidden)}
    return {field: value for field in DROPOUT_OFF if (value := getattr(config, field)) and has_neurons[field]}


def equivalent_lmbda(lmbda: float, n_old: int, n_new: int) -> float:
    """Return the λ that has the same effect with n_new examples as `lmbda` with n_old.

    A step depends on λ/n, so λ/n stays the same: the chapter's 0.1 for 1,000 images becomes 5 for 50,000.

    Raises:
        FieldError: for a number of examples below 1.
    """
    count = Whole(1, 10**12, "count the training examples in use")
    for name, n in (("n_old", n_old), ("n_new", n_new)):
        count.check(name, n)
    return lmbda * n_new / n_old
