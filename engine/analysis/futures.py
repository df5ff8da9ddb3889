"""Futures of a run: what a teacher tries from one moment on, each one change of what can change while a run trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.config import RunConfig
from engine.errors import FieldError

AS_IT_WAS = "as it was"


def futures_of(config: RunConfig) -> dict[str, Mapping[str, Any]]:
    """Futures by name, each the new values by field; only those that differ from what is in force, and can be.

    Args:
        config: as it is in force where the run is forked.
    """
    lmbda = {name: value for name in ("l2", "l1") if (value := getattr(config, name))}
    wanted: dict[str, dict[str, Any]] = {
        "no penalty": {"l2": 0.0, "l1": 0.0},
        "λ × 10": {name: 10 * value for name, value in lmbda.items()},
        "λ ÷ 10": {name: value / 10 for name, value in lmbda.items()},
        "L2 instead": {"l1": 0.0, "l2": config.l2 or config.l1 or 1.0},
        "L1 instead": {"l2": 0.0, "l1": config.l1 or config.l2 or 1.0},
        "no dropout": {"drop_probability": 0.0, "input_drop_probability": 0.0},
        "dropout ½": {"drop_probability": 0.5} if config.hidden else {},
        "η ÷ 10": {"learning_rate": config.learning_rate / 10},
        "η × 2": {"learning_rate": 2 * config.learning_rate},
    }
    found: dict[str, Mapping[str, Any]] = {AS_IT_WAS: {}}
    for name, fields in wanted.items():
        changed = {field: value for field, value in fields.items() if value != getattr(config, field)}
        if changed and _can_be(config, changed):
            found[name] = changed
    return found


def _can_be(config: RunConfig, fields: Mapping[str, Any]) -> bool:
    try:
        replace(config, **fields)
    except FieldError:
        return False
    return True
