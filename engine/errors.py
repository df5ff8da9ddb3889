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
