"""The choice of penalties in the sidebar: none, one of them, or several together."""

from __future__ import annotations

from collections.abc import Collection

from engine.families.penalties import NAMED_SUMS, PENALTIES

NONE = "None"
TOGETHER = " + "  # between the names of penalties that have no name together

# The penalties with a λ slider, by their config field; bounds such as max-norm stand behind More.
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
    """Return the choices to offer; `choice` is one of them, whatever a link or a run has combined."""
    offered = [NONE, *_SHORT.values(), *NAMED_SUMS.values()]
    return offered if choice in offered else [*offered, choice]


def sliders(choice: str) -> tuple[str, ...]:
    """Return the penalties whose λ is in sight: those that are on, and without any the first one."""
    return fields_of(choice) or LAMBDAS[:1]
