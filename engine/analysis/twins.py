"""Twins: the same run with one difference.

Twins keep the seed, the data and the network, and so the initial weights, the order of the examples and
the corrupted labels: what their curves differ in comes from the one difference alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from engine.analysis.regularizers import NO_REGULARIZATION, lmbda_at, off, without_regularizers
from engine.config import DEMO, SETTINGS, RunConfig
from engine.errors import FieldError
from engine.families.penalties import PENALTIES

MOST = 8  # lines on the same axes that can still be told apart

DEMO_EXAMPLES: int = DEMO["train_size"]  # `Penalty.demo` is for that many training examples

LADDER = (0.1, 0.3, 1.0, 3.0, 10.0)  # the effect of λ depends on its order of magnitude
SHARES = (0.0, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Twin:
    """One of several runs that differ in one thing.

    Attributes:
        name: what it differs in, for people. config: the run.
    """

    name: str
    config: RunConfig


def race(config: RunConfig, preset: str, n: int | None = None) -> tuple[Twin, ...]:
    """The twins of a preset.

    Args:
        config: what they have in common; its λ and drop probability are taken where it has them.
        preset: one of `PRESETS`.
        n: the number of training examples in use, which a λ must fit; `train_size` when left out.

    Raises:
        FieldError: for a preset that there is not, and for dropout in a network without a hidden layer.
    """
    if preset not in PRESETS:
        raise FieldError("preset", f"must be one of {', '.join(PRESETS)}, got {preset!r:.60}")
    return _checked(PRESETS[preset](config, n or config.train_size or DEMO_EXAMPLES))


def vary(config: RunConfig, field: str, values: Iterable[Any]) -> tuple[Twin, ...]:
    """Twins that differ in one field.

    Args:
        field: any of `RunConfig`. values: one for each twin.

    Raises:
        FieldError: for a field that there is not, a value that it cannot have, the same one twice, none,
            or more than `MOST`.
    """
    known = [each.name for each in fields(RunConfig)]
    if field not in known:
        raise FieldError("field", f"must be a field of a run, got {field!r:.60}: use one of {', '.join(known)}")
    return _checked([_with(config, **{field: value}) for value in values])


def differences(configs: Sequence[RunConfig]) -> dict[str, tuple[Any, ...]]:
    """The fields in which configs differ, in the order of `RunConfig`, each with every config's value."""
    values = {each.name: tuple(getattr(config, each.name) for config in configs) for each in fields(RunConfig)}
    return {name: found for name, found in values.items() if any(value != found[0] for value in found)}


def regularizer(config: RunConfig) -> str:
    """What holds a run's weights, in a few words: "L2 λ 1, dropout ½"."""
    parts = [SETTINGS[field].assignment(getattr(config, field)) for field in off() if getattr(config, field)]
    return ", ".join(parts) or NO_REGULARIZATION


def suited_lmbda(field: str, n: int) -> float:
    """Return the strength of a penalty to begin with for n examples: λ/n as in its demonstration, of 1, 2 or 5 · 10ᵏ.

    Raises:
        FieldError: for a penalty without such a strength.
    """
    demo = PENALTIES[field].demo
    if demo is None:
        raise FieldError(field, "has no λ to begin with: give a value")
    lmbda = lmbda_at(demo, DEMO_EXAMPLES, n)
    power = 10.0 ** math.floor(math.log10(lmbda))
    nearest = min((1, 2, 5, 10), key=lambda digit: abs(math.log(lmbda / (power * digit))))
    return float(f"{nearest * power:g}")  # 5 · 10⁻³ is 0.005 and not its neighbour


def lmbda_fields() -> list[str]:
    """Return the fields of the penalties that have a λ to begin with."""
    return [field for field, member in PENALTIES.items() if member.demo is not None]


def _lmbda(config: RunConfig, field: str, n: int) -> float:
    return getattr(config, field) or suited_lmbda(field, n)


def _alone(config: RunConfig, name: str, **regularizer: Any) -> Twin:
    """A config with this regularizer and no other."""
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
    penalized = [_penalized(config, field, n) for field in ("l2", "l1")]
    return [_alone(config, NO_REGULARIZATION), *penalized, _thinned(config)]


def _every(config: RunConfig, n: int) -> list[Twin]:
    penalized = [_penalized(config, field, n) for field in lmbda_fields()]
    return [_alone(config, NO_REGULARIZATION), *penalized, _thinned(config)]


def _both(config: RunConfig, n: int) -> list[Twin]:
    l2, thinned = _penalized(config, "l2", n), _thinned(config)
    together = _alone(config, "L2 and dropout", l2=l2.config.l2, drop_probability=thinned.config.drop_probability)
    return [_alone(config, NO_REGULARIZATION), l2, thinned, together]


def _ladder(config: RunConfig, n: int) -> list[Twin]:
    on = [field for field in lmbda_fields() if getattr(config, field)]
    field = on[0] if on else lmbda_fields()[0]
    lmbda = _lmbda(config, field, n)
    return [_with(config, **{field: float(f"{factor * lmbda:.3g}")}) for factor in LADDER]


def _shares(config: RunConfig, n: int) -> list[Twin]:
    _dropped(config)
    return [_with(config, drop_probability=share) for share in SHARES]


def _rules(config: RunConfig, n: int) -> list[Twin]:
    l1 = _lmbda(config, "l1", n)
    return [_alone(config, f"L1 {rule}", l1=l1, l1_rule=rule) for rule in ("subgradient", "proximal")]


# What each race starts from a config and the number of its training examples. In the races of whole regularizers
# each twin has the one in its name and no other; in the others everything else stays as the config has it.
PRESETS: dict[str, Callable[[RunConfig, int], list[Twin]]] = {
    "none, L2, L1, dropout": _chapter,
    "every regularizer": _every,
    "none, L2, dropout, both": _both,
    "a ladder of λ": _ladder,
    "dropout 0, ¼, ½, ¾": _shares,
    "L1: subgradient and proximal": _rules,
}


def _checked(twins: Sequence[Twin]) -> tuple[Twin, ...]:
    if not twins:
        raise FieldError("twins", "must be at least 1, got none: give a value")
    if len(twins) > MOST:
        raise FieldError("twins", f"must be at most {MOST}, got {len(twins)}: more lines cannot be told apart")
    seen: dict[RunConfig, str] = {}
    for twin in twins:
        if twin.config in seen:
            raise FieldError("twins", f"must differ, got {twin.name} twice: the same run would give the same line")
        seen[twin.config] = twin.name
    return tuple(twins)
