"""Errors about invalid values, with the field, the value and a remedy."""

from __future__ import annotations

from collections.abc import Sequence


class FieldError(ValueError):
    """An invalid value.

    Args:
        field: the name of the field of `RunConfig`, or of the argument.
        problem: what is wrong, with the value, and what to do.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem

    def __reduce__(self) -> tuple[type[FieldError], tuple[str, str]]:
        # the default passes only the message, so that the exception could not be unpickled from another process
        return type(self), (self.field, self.problem)


def check_type(field: str, value: object, expected_type: type) -> None:
    """Check the type of an argument of a public function.

    Raises:
        FieldError: if `value` is not of the type `expected_type`.
    """
    if not isinstance(value, expected_type):
        raise FieldError(field, f"must be a {expected_type.__name__}, got {type(value).__name__} {value!r:.60}")


def join_names(names: Sequence[str], conjunction: str = "or") -> str:
    """Return names as a list for a sentence: "l2, l1 or group_lasso"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {conjunction} {names[-1]}"
