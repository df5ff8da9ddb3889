"""The choice of penalties in the sidebar: none, one of them, or several together."""

from __future__ import annotations

from collections.abc import Collection

from engine.families.penalties import NAMED_SUMS, PENALTIES

NONE = "None"
SEPARATOR = " + "  # between the names of penalties whose sum has no name

# The penalties with a λ slider, by their config field. The others, bounds such as max-norm, are in the popover More.
LAMBDA_FIELDS = tuple(field for field, member in PENALTIES.items() if member.demo_strength is not None)
BOUND_FIELDS = tuple(field for field in PENALTIES if field not in LAMBDA_FIELDS)
PENALTY_BY_VARIANT = {option: field for field, member in PENALTIES.items() for option in member.options}

_SHORT_NAMES = {field: PENALTIES[field].short_name for field in LAMBDA_FIELDS}


def choice_name(fields: Collection[str]) -> str:
    """Return the name of a combination of penalties, given by their config fields."""
    active = [field for field in LAMBDA_FIELDS if field in fields]
    return NAMED_SUMS.get(frozenset(active)) or SEPARATOR.join(_SHORT_NAMES[field] for field in active) or NONE


def penalty_fields(choice: str) -> tuple[str, ...]:
    """Return the config fields of the penalties that a choice switches on."""
    for fields, name in NAMED_SUMS.items():
        if name == choice:
            return tuple(field for field in LAMBDA_FIELDS if field in fields)
    names = choice.split(SEPARATOR)
    return tuple(field for field in LAMBDA_FIELDS if _SHORT_NAMES[field] in names)


def offered_choices(choice: str) -> list[str]:
    """Return the choices of the widget, which include the combination `choice` of a link or a run."""
    choices = [NONE, *_SHORT_NAMES.values(), *NAMED_SUMS.values()]
    return choices if choice in choices else [*choices, choice]


def slider_fields(choice: str) -> tuple[str, ...]:
    """Return the fields whose λ slider is shown: the fields of active penalties, or the first field."""
    return penalty_fields(choice) or LAMBDA_FIELDS[:1]
