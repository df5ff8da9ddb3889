"""Number formats for the page, the terminal and the exports."""

from __future__ import annotations

import math

THIN_SPACE = "\u202f"  # narrow no-break space
NO_VALUE = "–"


def percent(share: float) -> str:
    """Return a share in percent, such as "87.1 %" for 0.871."""
    return NO_VALUE if math.isnan(share) else f"{100 * share:.1f}{THIN_SPACE}%"


def points(share: float) -> str:
    """Return a difference of accuracies in points, such as "+18.3 points" for 0.183."""
    return NO_VALUE if math.isnan(share) else f"{100 * share:+.1f} points".replace("-", "−")


def cost(value: float) -> str:
    """Return a cost with three significant digits."""
    return NO_VALUE if math.isnan(value) else f"{value:#.3g}".rstrip(".")  # the format # gives "123."


def exact(value: float) -> str:
    """Return the shortest text that `float` reads as this number, such as 0.1, 1e-05 or 0.30000000000000004."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def count(value: float) -> str:
    """Return a rounded number with thin spaces, such as "12 345" for 12345."""
    return f"{round(value):,}".replace(",", THIN_SPACE)


def decimal(value: float) -> str:
    """Return a number with at most one decimal, such as "37" or "37.4"."""
    return f"{value:.1f}".removesuffix(".0").replace("-", "−")
