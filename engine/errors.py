"""Errors about invalid values, with the field, the value and a remedy; lists, sizes and durations in texts."""

from __future__ import annotations

from collections.abc import Sequence

# Sizes are decimal: 1 KB is 1,000 bytes.
SIZE_UNITS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("bytes", 1.0))
MAX_SIZE_DIGITS = 16  # significant ones of a number of bytes
TIME_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
MAX_WITH_TENTHS = 9.95  # seconds: shorter durations have a decimal


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


def format_bytes(nbytes: float, digits: int = 2) -> str:
    """Return a number of bytes with a unit, such as "1.3 GB", "31 MB" or "512 bytes". `digits` are significant."""
    # a number of bytes below 1 KB is exact
    rounded = float(f"{max(0.0, nbytes):.{digits}g}") if nbytes >= 1000 else float(round(max(0.0, nbytes)))
    unit, size = next((each for each in SIZE_UNITS if rounded >= each[1]), SIZE_UNITS[-1])
    value = rounded / size
    decimals = 0 if unit == "bytes" else max(0, digits - len(str(int(value))))
    return f"{value:,.{decimals}f} {unit}"


def format_limit(limit: float, nbytes: float) -> tuple[str, str]:
    """Return a limit and another number of bytes with as many digits as they need to differ: "20.0 MB", "20.4 MB"."""
    for digits in range(2, MAX_SIZE_DIGITS):
        texts = format_bytes(limit, digits), format_bytes(nbytes, digits)
        if texts[0] != texts[1]:
            return texts
    return format_bytes(limit), format_bytes(nbytes)  # they are equal


def format_duration(seconds: float, max_units: int = 2) -> str:
    """Return a duration, such as "2.3 s", "20 s", "1 min 5 s" or "3 d 4 h".

    Args:
        seconds: the duration, at least 0. max_units: 1 for the largest unit only, without decimals.
    """
    if max_units > 1 and seconds < MAX_WITH_TENTHS:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    largest = next((i for i, (_, length) in enumerate(TIME_UNITS) if seconds >= length), len(TIME_UNITS) - 1)
    shown_units = TIME_UNITS[largest : largest + max_units]
    remaining = round(seconds / shown_units[-1][1]) * shown_units[-1][1]
    parts = []
    # 59.7 s is 1 min: rounding may reach the next larger unit
    for unit, length in TIME_UNITS[max(0, largest - 1) : largest + max_units]:
        count, remaining = divmod(remaining, length)
        if count:
            parts.append(f"{count:.0f} {unit}")
    return " ".join(parts[:max_units]) or "0 s"
