"""The one kind of error a person can mend: it names the field, the value and the way out."""

from __future__ import annotations


class FieldError(ValueError):
    """A value that cannot be used.

    Args:
        field: the name of the field, as it stands in `RunConfig` or in a function's signature.
        problem: what is wrong and what to do, the value included.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem

    def __reduce__(self) -> tuple[type[FieldError], tuple[str, str]]:
        # an exception is rebuilt from its message alone, which is neither field nor problem:
        # it could not come back from another process
        return type(self), (self.field, self.problem)


def check_type(field: str, value: object, wanted: type) -> None:
    """Refuse a value of another type at a public door, before it fails somewhere inside.

    Raises:
        FieldError: with both types.
    """
    if not isinstance(value, wanted):
        raise FieldError(field, f"must be a {wanted.__name__}, got {type(value).__name__} {value!r:.60}")
