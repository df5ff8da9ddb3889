"""Twins: runs that differ in one thing.

Twins share the seed, the data and the network, and so the initial weights, the order of the examples and
the corrupted labels: every difference between their curves comes from that one thing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from engine.analysis.regularizers import NO_REGULARIZATION, active_regularizers, equivalent_lmbda, without_regularizers
from engine.config import DEMO, SETTINGS, RunConfig
from engine.errors import FieldError
from engine.families.penalties import PENALTIES

MAX_LINES = 8  # on the same axes: more cannot be distinguished

DEMO_EXAMPLES: int = DEMO["train_size"]  # `Penalty.demo_strength` is for that many training examples

LMBDA_FACTORS = (0.1, 0.3, 1.0, 3.0, 10.0)  # the effect of λ depends on its order of magnitude
DROP_PROBABILITIES = (0.0, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Twin:
    """One of several runs that differ in one thing.

    Attributes:
        name: what it differs in, for display. config: the run.
    """

    name: str
    config: RunConfig


def race_twins(config: RunConfig, preset: str, n: int | None = None) -> tuple[Twin, ...]:
    """Return the twins of a preset.

    Args:
        config: the settings they share. Its λ and drop probability are used if they are on.
        preset: one of `PRESETS`.
        n: the number of training examples in use, from which a missing λ is chosen; default `train_size`.

    Raises:
        FieldError: for an unknown preset, and for dropout in a network without a hidden layer.
    """
    if preset not in PRESETS:
        raise FieldError("preset", f"must be one of {', '.join(PRESETS)}, got {preset!r:.60}")
    return _check_twins(PRESETS[preset](config, n or config.train_size or DEMO_EXAMPLES))


def vary_setting(config: RunConfig, field: str, values: Iterable[Any]) -> tuple[Twin, ...]:
    """Return twins that differ in one field.

    Args:
        field: a field of `RunConfig`. values: one for each twin.

    Raises:
        FieldError: for an unknown field, an invalid value, the same value twice, no value, or more than
            `MAX_LINES`.
    """
    names = [each.name for each in fields(RunConfig)]
    if field not in names:
        raise FieldError("field", f"must be a field of a run, got {field!r:.60}: use one of {', '.join(names)}")
    return _check_twins([_twin_with(config, **{field: value}) for value in values])


def differing_fields(configs: Sequence[RunConfig]) -> dict[str, tuple[Any, ...]]:
    """Return the fields in which configs differ, in the order of `RunConfig`, with the value of every config."""
    values = {each.name: tuple(getattr(config, each.name) for config in configs) for each in fields(RunConfig)}
    return {
        name: field_values
        for name, field_values in values.items()
        if any(value != field_values[0] for value in field_values)
    }


def suggested_lmbda(field: str, n: int) -> float:
    """Return a λ to start with for n examples.

    λ/n is about that of the demonstration; λ is rounded to 1, 2 or 5 · 10ᵏ.

    Raises:
        FieldError: for a penalty without a λ, such as a bound.
    """
    demo = PENALTIES[field].demo_strength
    if demo is None:
        raise FieldError(field, "has no λ to start with: give a value")
    lmbda = equivalent_lmbda(demo, DEMO_EXAMPLES, n)
    power = 10.0 ** math.floor(math.log10(lmbda))
    leading_digit = min((1, 2, 5, 10), key=lambda digit: abs(math.log(lmbda / (power * digit))))
    return float(f"{leading_digit * power:g}")  # rounds 5 · 10⁻³ to exactly 0.005


def lmbda_fields() -> list[str]:
    """Return the fields of the penalties with a λ, in the order of the table."""
    return [field for field, member in PENALTIES.items() if member.demo_strength is not None]


def _lmbda_of(config: RunConfig, field: str, n: int) -> float:
    return getattr(config, field) or suggested_lmbda(field, n)


def _twin_with_only(config: RunConfig, name: str, **regularizer: Any) -> Twin:
    """Return a twin with this regularizer and no other."""
    return Twin(name, without_regularizers(config, **regularizer))


def _twin_with(config: RunConfig, **field: Any) -> Twin:
    changed = replace(config, **field)
    return Twin(", ".join(SETTINGS[name].assignment(getattr(changed, name)) for name in field), changed)


def _drop_probability_of(config: RunConfig) -> float:
    if not config.hidden:
        raise FieldError(
            "hidden", "is empty, and dropout leaves out hidden neurons: add a hidden layer or race without dropout"
        )
    return config.drop_probability or DEMO["drop_probability"]


def _penalty_twin(config: RunConfig, field: str, n: int) -> Twin:
    lmbda = _lmbda_of(config, field, n)
    return _twin_with_only(config, SETTINGS[field].assignment(lmbda), **{field: lmbda})


def _dropout_twin(config: RunConfig) -> Twin:
    drop_probability = _drop_probability_of(config)
    return _twin_with_only(
        config, SETTINGS["drop_probability"].assignment(drop_probability), drop_probability=drop_probability
    )


def _chapter_twins(config: RunConfig, n: int) -> list[Twin]:
    return _regularizer_twins(config, [field for field in lmbda_fields() if PENALTIES[field].in_chapter], n)


def _twins_of_all_regularizers(config: RunConfig, n: int) -> list[Twin]:
    return _regularizer_twins(config, lmbda_fields(), n)


def _regularizer_twins(config: RunConfig, fields: Iterable[str], n: int) -> list[Twin]:
    """Return twins without a regularizer, with each of the penalties, and with dropout."""
    penalized = [_penalty_twin(config, field, n) for field in fields]
    return [_twin_with_only(config, NO_REGULARIZATION), *penalized, _dropout_twin(config)]


def _penalty_and_dropout_twins(field: str, config: RunConfig, n: int) -> list[Twin]:
    """Return twins without a regularizer, with the penalty, with dropout, and with both."""
    penalized, thinned = _penalty_twin(config, field, n), _dropout_twin(config)
    both_fields = {field: getattr(penalized.config, field), "drop_probability": thinned.config.drop_probability}
    combined = _twin_with_only(config, f"{PENALTIES[field].name} and dropout", **both_fields)
    return [_twin_with_only(config, NO_REGULARIZATION), penalized, thinned, combined]


def _lmbda_twins(config: RunConfig, n: int) -> list[Twin]:
    active = [field for field in lmbda_fields() if field in active_regularizers(config)]
    field = active[0] if active else lmbda_fields()[0]
    lmbda = _lmbda_of(config, field, n)
    return [_twin_with(config, **{field: float(f"{factor * lmbda:.3g}")}) for factor in LMBDA_FACTORS]


def _drop_probability_twins(config: RunConfig, n: int) -> list[Twin]:
    _drop_probability_of(config)
    return [_twin_with(config, drop_probability=drop_probability) for drop_probability in DROP_PROBABILITIES]


def _option_twins(field: str, option: str, config: RunConfig, n: int) -> list[Twin]:
    """Return twins with the same penalty, one for each value of its option."""
    lmbda, member = _lmbda_of(config, field, n), PENALTIES[field]
    return [
        _twin_with_only(config, f"{member.name} {value}", **{field: lmbda, option: value})
        for value in member.raced_options[option]
    ]


def _presets() -> dict[str, Callable[[RunConfig, int], list[Twin]]]:
    penalties = [PENALTIES[field] for field in lmbda_fields()]
    chapter = ", ".join(member.name for member in penalties if member.in_chapter)
    drop_probabilities = ", ".join(SETTINGS["drop_probability"].display_text(p) for p in DROP_PROBABILITIES)
    return {
        f"none, {chapter}, dropout": _chapter_twins,
        "every regularizer": _twins_of_all_regularizers,
        **{
            f"none, {penalty.name}, dropout, both": partial(_penalty_and_dropout_twins, penalty.field)
            for penalty in penalties
        },
        "a ladder of λ": _lmbda_twins,
        f"dropout {drop_probabilities}": _drop_probability_twins,
        **{
            f"{penalty.name}: {' and '.join(values)}": partial(_option_twins, penalty.field, option)
            for penalty in penalties
            for option, values in penalty.raced_options.items()
        },
    }


# The races by name. Each makes its twins from a config and the number of training examples. In races of whole
# regularizers a twin has only the one in its name; in the others everything else stays as in the config.
PRESETS = _presets()


def _check_twins(twins: Sequence[Twin]) -> tuple[Twin, ...]:
    if not twins:
        raise FieldError("twins", "must be at least 1, got none: give a value")
    if len(twins) > MAX_LINES:
        raise FieldError("twins", f"must be at most {MAX_LINES}, got {len(twins)}: more lines cannot be distinguished")
    names_by_config: dict[RunConfig, str] = {}
    for twin in twins:
        if twin.config in names_by_config:
            raise FieldError("twins", f"must differ, got {twin.name} twice: the same run would give the same line")
        names_by_config[twin.config] = twin.name
    return tuple(twins)
