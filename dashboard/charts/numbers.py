"""Formats numbers, the same way everywhere."""

from __future__ import annotations

import math
from decimal import Decimal

THIN = "\u202f"  # narrow no-break space
NONE = "–"


def percent(share: float) -> str:
    """Return a share in percent: 0.871 as 87.1 %."""
    return NONE if math.isnan(share) else f"{100 * share:.1f}{THIN}%"


def points(share: float) -> str:
    """Return a difference of accuracies in points: 0.183 as +18.3 points."""
    return NONE if math.isnan(share) else f"{100 * share:+.1f} points".replace("-", "−")


def cost(value: float) -> str:
    """Return a cost with three significant digits."""
    return NONE if math.isnan(value) else f"{value:#.3g}".rstrip(".")  # 123. is 123


def exact(value: float) -> str:
    """Return the shortest text that stands for exactly this number: 0.1, 1e-05, 0.30000000000000004."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def hundredfold(share: float) -> Decimal:
    """Return a share in percent with the share's own digits: 0.137 as 13.7, not 13.700000000000001."""
    percent = Decimal(repr(share)).scaleb(2)
    return percent.quantize(Decimal(1)) if percent == percent.to_integral_value() else percent.normalize()


def count(value: float) -> str:
    """Return a whole number with thin spaces: 12345 as 12 345."""
    return f"{round(value):,}".replace(",", THIN)
