"""Line styles of compared runs.

Colour and dash depend on the regularizer. Runs with the same regularizer differ in lightness and dash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.palette import DARK, LIGHT, Palette, rgb_channels, with_opacity
from engine import RunConfig
from engine.analysis.regularizers import has_dropout
from engine.families.penalties import penalty_of


@dataclass(frozen=True)
class LineStyle:
    """The colours of a line in the two themes, and its dash.

    Attributes:
        light, dark: the colour in each theme, as #RRGGBB.
        dash: the dash in Plotly's format.
        outlined: True if the line has a dark outline.
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
        return with_opacity(self.colour(palette), 0.28)


NO_REGULARIZER = LineStyle(LIGHT.no_regularizer, DARK.no_regularizer, "solid")
DROPOUT = LineStyle(LIGHT.dropout, DARK.dropout, "2px,2px")
SEVERAL_PENALTIES = LineStyle(LIGHT.penalty, DARK.penalty, "9px,3px,2px,3px")
PENALTY_AND_DROPOUT = LineStyle(LIGHT.penalty_and_dropout, DARK.penalty_and_dropout, "12px,3px,2px,3px,2px,3px")
DASHES = ("solid", "9px,3px", "5px,2px", "2px,2px", "9px,3px,2px,3px")
# Mixing ratios from black (−1) to white (1): every colour between them is visible on the background of the theme.
SHADES_IN_LIGHT_THEME, SHADES_IN_DARK_THEME = (-0.4, 0.5), (-0.45, 0.65)


def line_style_of(config: RunConfig) -> LineStyle:
    """Return the line style of a run's regularizer."""
    members = penalty_of(config, n=1).members
    penalties = [member for member in members if member.adds_cost] or list(members)
    if has_dropout(config):
        return PENALTY_AND_DROPOUT if any(member.adds_cost for member in members) else DROPOUT
    if len(penalties) > 1:
        return SEVERAL_PENALTIES
    if not penalties:
        return NO_REGULARIZER
    (member,) = penalties
    return LineStyle(member.light_colour, member.dark_colour, member.dash, member.outlined)


def line_styles_of(configs: Sequence[RunConfig]) -> list[LineStyle]:
    """Return a line style for each run.

    The styles are different for as many runs as a board shows.
    """
    styles = [line_style_of(config) for config in configs]
    style_counts, used_counts, variants = Counter(styles), Counter[LineStyle](), []
    for style in styles:
        variants.append(_style_variant(style, used_counts[style], style_counts[style]))
        used_counts[style] += 1
    return variants


def _style_variant(style: LineStyle, index: int, count: int) -> LineStyle:
    """Return variant `index` of a line style that `count` runs share."""
    if count == 1:
        return style
    first_dash = DASHES.index(style.dash) if style.dash in DASHES else 0
    light, dark = (
        mix_colour(colour, low + (high - low) * index / (count - 1))
        for colour, (low, high) in ((style.light, SHADES_IN_LIGHT_THEME), (style.dark, SHADES_IN_DARK_THEME))
    )
    return LineStyle(light, dark, DASHES[(first_dash + index) % len(DASHES)], style.outlined)


def mix_colour(colour: str, ratio: float) -> str:
    """Return a colour #RRGGBB mixed with black or white.

    Args:
        colour: the colour to mix, as #RRGGBB.
        ratio: the mixing ratio, from −1 (black) over 0 (unchanged) to 1 (white).
    """
    target = 255 if ratio > 0 else 0
    return "#" + "".join(f"{round(channel + abs(ratio) * (target - channel)):02X}" for channel in rgb_channels(colour))
