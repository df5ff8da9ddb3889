"""How numbers are written, everywhere the same."""

from __future__ import annotations

import math

THIN = "\u202f"  # narrow no-break space
NONE = "–"


def percent(share: float) -> str:
    """0.871 as 87.1 %."""
    return NONE if math.isnan(share) else f"{100 * share:.1f}{THIN}%"


def points(share: float) -> str:
    """A difference of accuracies, in points: 0.183 as +18.3 points."""
    return NONE if math.isnan(share) else f"{100 * share:+.1f} points".replace("-", "−")


def cost(value: float) -> str:
    """Three significant digits."""
    return NONE if math.isnan(value) else f"{value:#.3g}".rstrip(".")  # 123. is 123


def exact(value: float) -> str:
    """As short as it can be and still be that number: 0.1, 1e-05, 0.30000000000000004."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def count(value: float) -> str:
    """Whole numbers with thin spaces: 12345 as 12 345."""
    return f"{round(value):,}".replace(",", THIN)
