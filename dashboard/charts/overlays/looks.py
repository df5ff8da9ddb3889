"""Line styles of compared runs: colour and dash depend on the regularizer.

Runs with the same regularizer differ in lightness and dash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.palette import DARK, LIGHT, Palette, channels, translucent
from engine import RunConfig
from engine.analysis.regularizers import has_dropout
from engine.families.penalties import penalty_of


@dataclass(frozen=True)
class Look:
    """The colours of a line in the two themes, and its dash.

    Attributes:
        light, dark: the colour in each theme, as #RRGGBB. dash: in Plotly's format. outlined: if it has a dark edge.
    """

    light: str
    dark: str
    dash: str
    outlined: bool = False

    def colour(self, palette: Palette) -> str:
        """Return the colour of the line."""
        return self.dark if palette == DARK else self.light

    def area(self, palette: Palette) -> str:
        """Return the colour of the area below the line."""
        return translucent(self.colour(palette), 0.28)


NO_REGULARIZER = Look(LIGHT.no_regularizer, DARK.no_regularizer, "solid")
DROPOUT = Look(LIGHT.dropout, DARK.dropout, "2px,2px")
SEVERAL_PENALTIES = Look(LIGHT.penalty, DARK.penalty, "9px,3px,2px,3px")
PENALTY_AND_DROPOUT = Look(LIGHT.penalty_and_dropout, DARK.penalty_and_dropout, "12px,3px,2px,3px,2px,3px")
DASHES = ("solid", "9px,3px", "5px,2px", "2px,2px", "9px,3px,2px,3px")
# Range of shades, from black (−1) to white (1): every shade is visible on the background of its theme.
ON_LIGHT, ON_DARK = (-0.4, 0.5), (-0.45, 0.65)


def look_of(config: RunConfig) -> Look:
    """Return the line style of a run's regularizer; runs with the same one share it."""
    members = penalty_of(config, n=1).members
    charged = [member for member in members if member.adds_cost] or list(members)
    if has_dropout(config):
        return PENALTY_AND_DROPOUT if any(member.adds_cost for member in members) else DROPOUT
    if len(charged) > 1:
        return SEVERAL_PENALTIES
    if not charged:
        return NO_REGULARIZER
    (member,) = charged
    return Look(member.light, member.dark, member.dash, member.outlined)


def looks_of(configs: Sequence[RunConfig]) -> list[Look]:
    """Return a line style for each run.

    All are different, up to the number of runs that a board shows.
    """
    looks = [look_of(config) for config in configs]
    totals, used, found = Counter(looks), Counter[Look](), []
    for look in looks:
        found.append(_variant(look, used[look], totals[look]))
        used[look] += 1
    return found


def _variant(look: Look, i: int, total: int) -> Look:
    """Return variant `i` of a line style that `total` runs share."""
    if total == 1:
        return look
    first = DASHES.index(look.dash) if look.dash in DASHES else 0
    light, dark = (
        _shade(colour, low + (high - low) * i / (total - 1))
        for colour, (low, high) in ((look.light, ON_LIGHT), (look.dark, ON_DARK))
    )
    return Look(light, dark, DASHES[(first + i) % len(DASHES)], look.outlined)


def _shade(colour: str, towards: float) -> str:
    """Return a colour mixed with white, or with black.

    Args:
        towards: mixing ratio, from −1 (black) to 1 (white).
    """
    end = 255 if towards > 0 else 0
    return "#" + "".join(f"{round(part + abs(towards) * (end - part)):02X}" for part in channels(colour))
