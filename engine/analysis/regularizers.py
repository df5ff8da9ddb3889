"""The regularizers of a run: its penalties and dropout, in words and switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.config import RunConfig
from engine.families.penalties import PENALTIES

NO_REGULARIZATION = "no regularization"

# Config fields of dropout, with their value without it. Penalties say theirs themselves.
DROPOUT: Mapping[str, Any] = {"drop_probability": 0.0, "input_drop_probability": 0.0}


def off() -> dict[str, Any]:
    """Return every field that switches a regularizer on, with its value without one."""
    return {**{field: member.off for field, member in PENALTIES.items()}, **DROPOUT}


def without_regularizers(config: RunConfig, **fields: Any) -> RunConfig:
    """Return a config with no regularizer but those in `fields`."""
    return replace(config, **{**off(), **fields})


def is_regularized(config: RunConfig) -> bool:
    """Return True if a penalty or dropout is on."""
    return any(getattr(config, field) for field in off())


def has_dropout(config: RunConfig) -> bool:
    """Return True if hidden neurons or inputs are dropped."""
    return bool((config.drop_probability and config.hidden) or config.input_drop_probability)
