"""What each of several runs looks like: its colour says what regularizes it, its dash says it again.

The colours are those of `docs`: one meaning, one colour. Runs of the same kind differ in lightness and dash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.palette import DARK, Palette
from engine import RunConfig
from engine.analysis.regularizers import has_dropout
from engine.families.penalties import penalty_of

OUTLINE = "#5D5620"  # around the yellow that would be lost on white


@dataclass(frozen=True)
class Look:
    """A line's colour on both grounds, and its dash.

    Attributes:
        light, dark: as #RRGGBB. dash: as Plotly takes it. outlined: whether it has a dark edge.
    """

    light: str
    dark: str
    dash: str
    outlined: bool = False

    def colour(self, palette: Palette) -> str:
        return self.dark if palette == DARK else self.light

    def area(self, palette: Palette) -> str:
        """The colour of what lies below the line."""
        r, g, b = _rgb(self.colour(palette))
        return f"rgba({r}, {g}, {b}, 0.28)"


NO_REGULARIZER = Look("#7F7F7F", "#A9A9A9", "solid")
DROPOUT = Look("#CC79A7", "#E39AC4", "2px,2px")
# several regularizers together: green between the penalties, purple between the blue of L2 and the red of dropout
SEVERAL_PENALTIES = Look("#009E73", "#34C79B", "9px,3px,2px,3px")
PENALTY_AND_DROPOUT = Look("#5E3C99", "#B8A2EC", "12px,3px,2px,3px,2px,3px")
DASHES = ("solid", "9px,3px", "5px,2px", "2px,2px", "9px,3px,2px,3px")
# How far shades go towards black and white: on either ground the last of them is still to be seen.
ON_LIGHT, ON_DARK = (-0.4, 0.5), (-0.45, 0.65)


def look_of(config: RunConfig) -> Look:
    """Return the look of what regularizes a run."""
    members = penalty_of(config, n=1).members
    charged = [member for member in members if member.charges] or list(members)
    if has_dropout(config):
        return PENALTY_AND_DROPOUT if any(member.charges for member in members) else DROPOUT
    if len(charged) > 1:
        return SEVERAL_PENALTIES
    if not charged:
        return NO_REGULARIZER
    (member,) = charged
    return Look(member.light, member.dark, member.dash, member.outlined)


def looks_of(configs: Sequence[RunConfig]) -> list[Look]:
    """The look of every run; no two are alike, up to as many as a board takes."""
    alike = [look_of(config) for config in configs]
    many, met, found = Counter(alike), Counter[Look](), []
    for look in alike:
        found.append(_variant(look, met[look], many[look]))
        met[look] += 1
    return found


def _variant(look: Look, i: int, many: int) -> Look:
    """The i-th of so many runs that have a look in common."""
    if many == 1:
        return look
    first = DASHES.index(look.dash) if look.dash in DASHES else 0
    light, dark = (
        _shade(colour, low + (high - low) * i / (many - 1))
        for colour, (low, high) in ((look.light, ON_LIGHT), (look.dark, ON_DARK))
    )
    return Look(light, dark, DASHES[(first + i) % len(DASHES)], look.outlined)


def _shade(colour: str, towards: float) -> str:
    """A colour nearer to white, where `towards` is above 0, or to black: by that share of the way."""
    end = 255 if towards > 0 else 0
    return "#" + "".join(f"{round(part + abs(towards) * (end - part)):02X}" for part in _rgb(colour))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
