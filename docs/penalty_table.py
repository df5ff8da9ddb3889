"""The table of colours in docs/board.md, made from the table of penalties."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from itertools import pairwise

from dashboard.charts.overlays.line_styles import DROPOUT, NO_REGULARIZER, PENALTY_AND_DROPOUT, SEVERAL_PENALTIES
from engine.families.penalties import PENALTIES

# (first hue in degrees, name); a name ends where the next starts.
HUES = ((0, "red"), (20, "orange"), (50, "yellow"), (70, "green"), (185, "blue"), (255, "violet"), (295, "pink"))


def colour_table() -> str:
    """Return the table, in Markdown."""
    rows = [f"| {colour_name(light)} | `{light}` | `{dark}` | {words} |\n" for light, dark, words in _rows()]
    return f"| colour | on a light page | on a dark page | regularizer |\n|---|---|---|---|\n{''.join(rows)}"


def _rows() -> Iterator[tuple[str, str, str]]:
    """Yield (colour on a light page, colour on a dark page, regularizer)."""
    yield NO_REGULARIZER.light, NO_REGULARIZER.dark, "none"
    for member in PENALTIES.values():
        edge_text = ", with a dark edge" if member.outlined else ""
        yield member.light_colour, member.dark_colour, f"{member.name}{edge_text}"
    yield DROPOUT.light, DROPOUT.dark, "dropout"
    charging_penalties = [member.name for member in PENALTIES.values() if member.adds_cost]
    penalty_list = f"{', '.join(charging_penalties[:-1])} and {charging_penalties[-1]}"
    yield SEVERAL_PENALTIES.light, SEVERAL_PENALTIES.dark, f"two or more of {penalty_list}"
    yield PENALTY_AND_DROPOUT.light, PENALTY_AND_DROPOUT.dark, f"dropout with any of {penalty_list}"


def colour_name(colour: str) -> str:
    """Return the everyday name of a colour, such as "blue" for "#0072B2"."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if saturation < 0.1:
        return "grey"
    degrees = 360 * hue
    for (start, name), (end, _) in pairwise((*HUES, (345, "red"))):
        if start <= degrees < end:
            return "brown" if name == "orange" and value < 0.7 else name
    return "red"
