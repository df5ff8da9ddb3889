"""The regularizers of a run: its penalties and dropout, in words and switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.config import RunConfig
from engine.families.penalties import PENALTIES
from engine.settings.kinds import Whole

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


def lmbda_at(lmbda: float, n_old: int, n_new: int) -> float:
    """Return the λ that decays weights with n_new examples as λ does with n_old: it grows with n.

    An update takes ηλ/n of a weight, so λ/n is what must stay: the chapter's 0.1 for 1,000 images
    becomes 5 for 50,000.

    Raises:
        FieldError: for a number of examples below 1.
    """
    examples = Whole(1, 10**12, "count the training examples in use")
    for name, n in (("n_old", n_old), ("n_new", n_new)):
        examples.check(name, n)
    return lmbda * n_new / n_old
