"""Checks of values from untrusted files."""

from __future__ import annotations

import math
from typing import Any

END_OF_DATES = 253_370_764_800  # seconds; later dates cannot be displayed: `datetime` ends with the year 9999


def check_finite(value: Any) -> float:
    """Return a finite number as a float. Raises `ValueError` for other values."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {str(value)[:40]!r}")
    return float(value)


def check_date(value: Any) -> float:
    """Return seconds since 1970 that lie before the year 9999. Raises `ValueError` for other values."""
    if not 0 <= check_finite(value) < END_OF_DATES:
        raise ValueError(f"expected seconds since 1970 and a date before the year 9999, got {str(value)[:40]!r}")
    return float(value)


def check_whole(value: Any) -> int:
    """Return an integer from 0 to 2⁶² − 1. Raises `ValueError` for other values."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**62:
        raise ValueError(f"expected a whole number of at least 0, got {str(value)[:40]!r}")
    return value


def check_text(value: Any, max_length: int | None = None) -> str:
    """Return text that can be written as UTF-8. Raises `ValueError` for other values and for text that is too long."""
    if not isinstance(value, str) or (max_length is not None and len(value) > max_length):
        limit = "" if max_length is None else f" of at most {max_length} characters"
        raise ValueError(f"expected text{limit}, got {str(value)[:40]!r}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"expected valid text, got {value[:40]!r}") from error
    return value
