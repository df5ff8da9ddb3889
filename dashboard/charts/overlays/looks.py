"""What each of several runs looks like: its colour says what regularizes it, its dash says it again.

The colours are those of `docs`: one meaning, one colour. Runs of the same kind differ in lightness and dash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.palette import DARK, Palette
from engine import RunConfig

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


LOOKS = {
    "none": Look("#7F7F7F", "#A9A9A9", "solid"),
    "L2": Look("#0072B2", "#5CB3E8", "9px,3px"),
    "L1": Look("#E69F00", "#F2B84B", "5px,2px"),
    "dropout": Look("#CC79A7", "#E39AC4", "2px,2px"),
    "elastic net": Look("#009E73", "#34C79B", "9px,3px,2px,3px"),
    "max-norm": Look("#F0E442", "#F0E442", "solid", outlined=True),
    # a penalty and dropout together: between the blue and the red of the two
    "penalty and dropout": Look("#5E3C99", "#B8A2EC", "12px,3px,2px,3px,2px,3px"),
}
DASHES = ("solid", "9px,3px", "5px,2px", "2px,2px", "9px,3px,2px,3px")
# How far shades go towards black and white: on either ground the last of them is still to be seen.
ON_LIGHT, ON_DARK = (-0.4, 0.5), (-0.45, 0.65)


def kind_of(config: RunConfig) -> str:
    """Which of `LOOKS` a run has."""
    dropped = bool((config.drop_probability and config.hidden) or config.input_drop_probability)
    if dropped and (config.l2 or config.l1):
        return "penalty and dropout"
    if config.l2 and config.l1:
        return "elastic net"
    if config.l2 or config.l1:
        return "L2" if config.l2 else "L1"
    if dropped:
        return "dropout"
    return "max-norm" if config.max_norm else "none"


def looks_of(configs: Sequence[RunConfig]) -> list[Look]:
    """The look of every run; no two are alike, up to as many as a board takes."""
    kinds = [kind_of(config) for config in configs]
    many, met, found = Counter(kinds), Counter[str](), []
    for kind in kinds:
        found.append(_variant(LOOKS[kind], met[kind], many[kind]))
        met[kind] += 1
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
