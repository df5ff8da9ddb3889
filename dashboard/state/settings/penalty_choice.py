"""The choice of penalties in the sidebar: none, one of them, or several together."""

from __future__ import annotations

from collections.abc import Collection

from engine.families.penalties import NAMED_SUMS, PENALTIES

NONE = "None"
TOGETHER = " + "  # separates the names of penalties whose sum has no name

# The penalties with a λ slider, by their config field. The others, bounds such as max-norm, are in the popover More.
LAMBDAS = tuple(field for field, member in PENALTIES.items() if member.demo is not None)
BOUNDS = tuple(field for field in PENALTIES if field not in LAMBDAS)
VARIANTS = {option: field for field, member in PENALTIES.items() for option in member.options}

_SHORT = {field: PENALTIES[field].short_name for field in LAMBDAS}


def choice_of(fields: Collection[str]) -> str:
    """Return the name of penalties that act together, given by their config fields."""
    on = [field for field in LAMBDAS if field in fields]
    return NAMED_SUMS.get(frozenset(on)) or TOGETHER.join(_SHORT[field] for field in on) or NONE


def fields_of(choice: str) -> tuple[str, ...]:
    """Return the config fields of the penalties that a choice switches on."""
    for fields, name in NAMED_SUMS.items():
        if name == choice:
            return tuple(field for field in LAMBDAS if field in fields)
    names = choice.split(TOGETHER)
    return tuple(field for field in LAMBDAS if _SHORT[field] in names)


def options(choice: str) -> list[str]:
    """Return the choices to offer; they include `choice`, which a link or a run may have combined."""
    offered = [NONE, *_SHORT.values(), *NAMED_SUMS.values()]
    return offered if choice in offered else [*offered, choice]


def sliders(choice: str) -> tuple[str, ...]:
    """Return the penalties whose λ slider is shown: those that are on, or the first one if none is on."""
    return fields_of(choice) or LAMBDAS[:1]
