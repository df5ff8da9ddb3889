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

from engine.analysis.regularizers import NO_REGULARIZATION, in_effect, lmbda_at, without_regularizers
from engine.config import DEMO, SETTINGS, RunConfig
from engine.errors import FieldError
from engine.families.penalties import PENALTIES

MAX_LINES = 8  # on the same axes: more cannot be distinguished

DEMO_EXAMPLES: int = DEMO["train_size"]  # `Penalty.demo` is for that many training examples

LADDER = (0.1, 0.3, 1.0, 3.0, 10.0)  # the effect of λ depends on its order of magnitude
SHARES = (0.0, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Twin:
    """One of several runs that differ in one thing.

    Attributes:
        name: the thing it differs in, for people. config: the run.
    """

    name: str
    config: RunConfig


def race(config: RunConfig, preset: str, n: int | None = None) -> tuple[Twin, ...]:
    """Return the twins of a preset.

    Args:
        config: what they have in common. Its λ and drop probability are used if they are on.
        preset: one of `PRESETS`.
        n: the number of training examples in use, from which a missing λ is chosen; default `train_size`.

    Raises:
        FieldError: for an unknown preset, and for dropout in a network without a hidden layer.
    """
    if preset not in PRESETS:
        raise FieldError("preset", f"must be one of {', '.join(PRESETS)}, got {preset!r:.60}")
    return _checked(PRESETS[preset](config, n or config.train_size or DEMO_EXAMPLES))


def vary(config: RunConfig, field: str, values: Iterable[Any]) -> tuple[Twin, ...]:
    """Return twins that differ in one field.

    Args:
        field: a field of `RunConfig`. values: one for each twin.

    Raises:
        FieldError: for an unknown field, an invalid value, the same value twice, no value, or more than
            `MAX_LINES`.
    """
    known = [each.name for each in fields(RunConfig)]
    if field not in known:
        raise FieldError("field", f"must be a field of a run, got {field!r:.60}: use one of {', '.join(known)}")
    return _checked([_with(config, **{field: value}) for value in values])


def differences(configs: Sequence[RunConfig]) -> dict[str, tuple[Any, ...]]:
    """Return the fields in which configs differ, in the order of `RunConfig`, with the value of every config."""
    values = {each.name: tuple(getattr(config, each.name) for config in configs) for each in fields(RunConfig)}
    return {name: found for name, found in values.items() if any(value != found[0] for value in found)}


def suited_lmbda(field: str, n: int) -> float:
    """Return a strength to start with for n examples.

    λ/n is about that of the demonstration; λ is rounded to 1, 2 or 5 · 10ᵏ.

    Raises:
        FieldError: for a penalty without a λ, such as a bound.
    """
    demo = PENALTIES[field].demo
    if demo is None:
        raise FieldError(field, "has no λ to start with: give a value")
    lmbda = lmbda_at(demo, DEMO_EXAMPLES, n)
    power = 10.0 ** math.floor(math.log10(lmbda))
    nearest = min((1, 2, 5, 10), key=lambda digit: abs(math.log(lmbda / (power * digit))))
    return float(f"{nearest * power:g}")  # 5 · 10⁻³ is 0.005 and not its neighbour


def lmbda_fields() -> list[str]:
    """Return the fields of the penalties with a λ, in the order of the table."""
    return [field for field, member in PENALTIES.items() if member.demo is not None]


def _lmbda(config: RunConfig, field: str, n: int) -> float:
    return getattr(config, field) or suited_lmbda(field, n)


def _alone(config: RunConfig, name: str, **regularizer: Any) -> Twin:
    """Return a twin with this regularizer and no other."""
    return Twin(name, without_regularizers(config, **regularizer))


def _with(config: RunConfig, **field: Any) -> Twin:
    changed = replace(config, **field)
    return Twin(", ".join(SETTINGS[name].assignment(getattr(changed, name)) for name in field), changed)


def _dropped(config: RunConfig) -> float:
    if not config.hidden:
        raise FieldError(
            "hidden", "is empty, and dropout leaves out hidden neurons: add a hidden layer or race without dropout"
        )
    return config.drop_probability or DEMO["drop_probability"]


def _penalized(config: RunConfig, field: str, n: int) -> Twin:
    lmbda = _lmbda(config, field, n)
    return _alone(config, SETTINGS[field].assignment(lmbda), **{field: lmbda})


def _thinned(config: RunConfig) -> Twin:
    share = _dropped(config)
    return _alone(config, SETTINGS["drop_probability"].assignment(share), drop_probability=share)


def _chapter(config: RunConfig, n: int) -> list[Twin]:
    return _whole(config, [field for field in lmbda_fields() if PENALTIES[field].in_chapter], n)


def _every(config: RunConfig, n: int) -> list[Twin]:
    return _whole(config, lmbda_fields(), n)


def _whole(config: RunConfig, fields: Iterable[str], n: int) -> list[Twin]:
    """Return twins without a regularizer, with each of the penalties, and with dropout."""
    penalized = [_penalized(config, field, n) for field in fields]
    return [_alone(config, NO_REGULARIZATION), *penalized, _thinned(config)]


def _with_dropout(field: str, config: RunConfig, n: int) -> list[Twin]:
    """Return twins without a regularizer, with the penalty, with dropout, and with both."""
    penalized, thinned = _penalized(config, field, n), _thinned(config)
    both = {field: getattr(penalized.config, field), "drop_probability": thinned.config.drop_probability}
    together = _alone(config, f"{PENALTIES[field].name} and dropout", **both)
    return [_alone(config, NO_REGULARIZATION), penalized, thinned, together]


def _ladder(config: RunConfig, n: int) -> list[Twin]:
    on = [field for field in lmbda_fields() if field in in_effect(config)]
    field = on[0] if on else lmbda_fields()[0]
    lmbda = _lmbda(config, field, n)
    return [_with(config, **{field: float(f"{factor * lmbda:.3g}")}) for factor in LADDER]


def _fractions(config: RunConfig, n: int) -> list[Twin]:
    _dropped(config)
    return [_with(config, drop_probability=share) for share in SHARES]


def _options(field: str, option: str, config: RunConfig, n: int) -> list[Twin]:
    """Return twins with the same penalty, one for each value of its option."""
    lmbda, member = _lmbda(config, field, n), PENALTIES[field]
    return [
        _alone(config, f"{member.name} {value}", **{field: lmbda, option: value})
        for value in member.raced_options[option]
    ]


def _presets() -> dict[str, Callable[[RunConfig, int], list[Twin]]]:
    members = [PENALTIES[field] for field in lmbda_fields()]
    chapter = ", ".join(member.name for member in members if member.in_chapter)
    return {
        f"none, {chapter}, dropout": _chapter,
        "every regularizer": _every,
        **{f"none, {each.name}, dropout, both": partial(_with_dropout, each.field) for each in members},
        "a ladder of λ": _ladder,
        f"dropout {', '.join(SETTINGS['drop_probability'].words(share) for share in SHARES)}": _fractions,
        **{
            f"{each.name}: {' and '.join(values)}": partial(_options, each.field, option)
            for each in members
            for option, values in each.raced_options.items()
        },
    }


# The races by name. Each makes its twins from a config and the number of training examples. In races of whole
# regularizers a twin has only the one in its name; in the others everything else stays as in the config.
PRESETS = _presets()


def _checked(twins: Sequence[Twin]) -> tuple[Twin, ...]:
    if not twins:
        raise FieldError("twins", "must be at least 1, got none: give a value")
    if len(twins) > MAX_LINES:
        raise FieldError("twins", f"must be at most {MAX_LINES}, got {len(twins)}: more lines cannot be distinguished")
    seen: dict[RunConfig, str] = {}
    for twin in twins:
        if twin.config in seen:
            raise FieldError("twins", f"must differ, got {twin.name} twice: the same run would give the same line")
        seen[twin.config] = twin.name
    return tuple(twins)
