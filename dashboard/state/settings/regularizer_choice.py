"""The choice of a regularizer in the sidebar: none, one of them, or several that are combined."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.families.penalties import PENALTIES

NONE, COMBINE = "None", "Combine"
DROPOUT, INPUT_DROPOUT = "drop_probability", "input_drop_probability"

# The penalties with a λ slider, by their config field. The others are bounds, such as max-norm.
LAMBDA_FIELDS = tuple(field for field, member in PENALTIES.items() if member.demo_strength is not None)
BOUND_FIELDS = tuple(field for field in PENALTIES if field not in LAMBDA_FIELDS)
PENALTY_BY_VARIANT = {option: field for field, member in PENALTIES.items() for option in member.options}

SINGLE_FIELDS = (*LAMBDA_FIELDS, DROPOUT)  # that the row offers
PART_FIELDS = (*SINGLE_FIELDS, *BOUND_FIELDS, INPUT_DROPOUT)  # that can be combined

NAMES = {field: PENALTIES[field].short_name for field in (*LAMBDA_FIELDS, *BOUND_FIELDS)} | {
    DROPOUT: "Dropout",
    INPUT_DROPOUT: "Input dropout",
}
CHOICES = (NONE, *(NAMES[field] for field in SINGLE_FIELDS), COMBINE)
PARTS = tuple(NAMES[field] for field in PART_FIELDS)

# The value of a field when its regularizer is switched on for the first time.
START_VALUES: Mapping[str, float] = {
    **{field: strength for field in LAMBDA_FIELDS if (strength := PENALTIES[field].demo_strength) is not None},
    **dict.fromkeys(BOUND_FIELDS, 3.0),  # Srivastava et al. 2014 found 3 to 4 good
    DROPOUT: 0.5,  # the chapter's
    INPUT_DROPOUT: 0.2,  # Hinton et al. 2012
}


def off_value(field: str) -> Any:
    """Return the value of a field of `PART_FIELDS` without its regularizer."""
    return PENALTIES[field].off_value if field in PENALTIES else 0.0


def active_fields(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields of the regularizers that are on.

    Args:
        values: the value of each field of `PART_FIELDS`.
    """
    return tuple(field for field in PART_FIELDS if values[field] != off_value(field))


def choice_of(fields: Collection[str]) -> str:
    """Return the choice of the row for fields that are on."""
    if not fields:
        return NONE
    (first, *others) = fields
    return COMBINE if others or first not in SINGLE_FIELDS else NAMES[first]


def part_names(fields: Collection[str]) -> list[str]:
    """Return the names of parts, in their order."""
    return [NAMES[field] for field in PART_FIELDS if field in fields]


def chosen_fields(choice: str | None, parts: Collection[str]) -> tuple[str, ...]:
    """Return the fields that are on.

    Args:
        choice: one of `CHOICES`. parts: the names of the parts, for `COMBINE`.
    """
    names = parts if choice == COMBINE else (choice,)
    return tuple(field for field in PART_FIELDS if NAMES[field] in names)
