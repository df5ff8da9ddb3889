"""Futures of a run: live changes to try from one step on, each as a fork."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.analysis.regularizers import DROPOUT_OFF, active_regularizers, off_values
from engine.config import DEMO, SETTINGS, RunConfig
from engine.data.checks import check_against_data
from engine.errors import FieldError
from engine.families.penalties import PENALTIES

UNCHANGED = "unchanged"


def futures_of(config: RunConfig) -> dict[str, Mapping[str, Any]]:
    """Return the futures by name, each with the new values by field.

    Futures that change nothing or give an invalid config are left out.

    Args:
        config: the config in force where the run is forked.
    """
    active = {
        field: value for field, member in PENALTIES.items() if member.adds_cost and (value := getattr(config, field))
    }
    no_penalty = {field: member.off_value for field, member in PENALTIES.items() if member.adds_cost}
    drop_probability = DEMO["drop_probability"]
    candidates: dict[str, dict[str, Any]] = {
        "no penalty": no_penalty,
        "λ × 10": {field: 10 * value for field, value in active.items()},
        "λ ÷ 10": {field: value / 10 for field, value in active.items()},
        **{
            f"{member.name} instead": {
                **no_penalty,
                field: active.get(field, next(iter(active.values()), member.demo_strength)),
            }
            for field, member in PENALTIES.items()
            if member.adds_cost
        },
        "no dropout": dict(DROPOUT_OFF),
        SETTINGS["drop_probability"].assignment(drop_probability): {"drop_probability": drop_probability}
        if config.hidden
        else {},
        "η ÷ 10": {"learning_rate": config.learning_rate / 10},
        "η × 2": {"learning_rate": 2 * config.learning_rate},
    }
    futures: dict[str, Mapping[str, Any]] = {UNCHANGED: {}}
    for name, fields in candidates.items():
        changed = {field: value for field, value in fields.items() if value != getattr(config, field)}
        if changed and _is_valid(config, changed) and _has_effect(config, changed):
            futures[name] = changed
    return futures


def _is_valid(config: RunConfig, fields: Mapping[str, Any]) -> bool:
    try:
        changed = replace(config, **fields)
        if changed.train_size is not None:
            check_against_data(changed, changed.train_size)
    except FieldError:
        return False
    return True


def _has_effect(config: RunConfig, fields: Mapping[str, Any]) -> bool:
    """Return False if only regularizers change that are not in effect, as without hidden neurons."""
    return not fields.keys() <= off_values().keys() or active_regularizers(config) != active_regularizers(
        replace(config, **fields)
    )
