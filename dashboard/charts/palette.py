"""The colours of the dashboard, by meaning.

All colours are defined here, except those of the penalties, which the penalty classes define. The hues are Okabe and
Ito's, which colour-blind people can distinguish; the dark theme has lighter tints of them. No meaning depends on colour
alone: a line has its name at its end or a sample beside its name, the lines of a ghost differ in dash, a dropped neuron
is hollow.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Palette:
    """The colours of a theme, as #RRGGBB or rgba(…).

    Attributes:
        layers: colours of the layers of a network, in order.
        layer_areas: colours of the areas below the lines of the layers.
        classes: colours of the classes of a data set.
        ghost: colour of the run behind the curves, see `ghosts`.
        no_regularizer, dropout, penalty_and_dropout: colours of runs with these regularizers. A run with one penalty
            has the colour of the penalty.
    """

    text: str
    muted: str
    grid: str
    training: str
    validation: str
    memorized: str
    gap: str
    penalty: str
    penalty_area: str
    mini_batch: str
    neuron: str
    chance: str
    committee: str
    positive: str
    zero: str
    matrix: str
    negative: str
    layers: tuple[str, ...]
    layer_areas: tuple[str, ...]
    classes: tuple[str, ...]
    no_regularizer: str
    ghost: str
    dropout: str
    penalty_and_dropout: str


LIGHT = Palette(
    text="#1B2330",
    muted="#5D6878",
    grid="#E6E9EE",
    training="#0072B2",
    validation="#D55E00",
    memorized="#8E3B74",
    gap="rgba(213, 94, 0, 0.12)",
    penalty="#009E73",
    penalty_area="rgba(0, 158, 115, 0.22)",
    mini_batch="rgba(93, 104, 120, 0.20)",
    neuron="#56617A",
    chance="rgba(204, 121, 167, 0.22)",
    committee="#B8578F",
    positive="#2E9BD6",
    zero="#FFFFFF",
    matrix="rgba(0, 114, 178, 0.5)",
    negative="#E69F00",
    layers=("#4B3F8F", "#B03A7A", "#7A6A3A", "#3A6F7A"),
    layer_areas=(
        "rgba(75, 63, 143, 0.30)",
        "rgba(176, 58, 122, 0.22)",
        "rgba(122, 106, 58, 0.20)",
        "rgba(58, 111, 122, 0.20)",
    ),
    classes=("#56B4E9", "#E69F00", "#CC79A7", "#009E73", "#F0E442", "#8C8C8C"),
    no_regularizer="#7F7F7F",
    ghost="#8C8C8C",
    dropout="#CC79A7",
    penalty_and_dropout="#5E3C99",
)

DARK = Palette(
    text="#E8ECF3",
    muted="#A3AEBF",
    grid="#2A3140",
    training="#5CB3E8",
    validation="#FF9A57",
    memorized="#D991C0",
    gap="rgba(255, 154, 87, 0.14)",
    penalty="#34C79B",
    penalty_area="rgba(52, 199, 155, 0.22)",
    mini_batch="rgba(163, 174, 191, 0.20)",
    neuron="#8C99B3",
    chance="rgba(204, 121, 167, 0.26)",
    committee="#E39AC4",
    positive="#56B4E9",
    zero="#131924",
    matrix="rgba(92, 179, 232, 0.5)",
    negative="#E69F00",
    layers=("#A99DF0", "#F08CC0", "#D0BE85", "#86C5D2"),
    layer_areas=(
        "rgba(169, 157, 240, 0.30)",
        "rgba(240, 140, 192, 0.22)",
        "rgba(208, 190, 133, 0.18)",
        "rgba(134, 197, 210, 0.18)",
    ),
    classes=("#56B4E9", "#E69F00", "#CC79A7", "#009E73", "#F0E442", "#8C8C8C"),
    no_regularizer="#A9A9A9",
    ghost="#8F96A3",
    dropout="#E39AC4",
    penalty_and_dropout="#B8A2EC",
)

THEMES = {"light": LIGHT, "dark": DARK}

# Colours that are the same in both themes.
MARK_COLOUR = "#7F8A9C"  # marks and captions in frames, which do not depend on the theme
FLAG_COLOUR = "#5D6878"  # behind the white number of a mark
OUTLINE = "#5D5620"  # around lines that are hard to see on white
TRANSPARENT = "rgba(0,0,0,0)"
BLACK, WHITE = "#000000", "#FFFFFF"  # text on an area of any colour


def rgb_channels(colour: str) -> tuple[int, int, int]:
    """Return (red, green, blue) of #RRGGBB, each from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def with_opacity(colour: str, opacity: float) -> str:
    """Return the colour #RRGGBB as rgba(…) with an opacity from 0 to 1."""
    red, green, blue = rgb_channels(colour)
    return f"rgba({red}, {green}, {blue}, {opacity})"


@dataclass(frozen=True)
class InterfaceColours:
    """The colours of the board around its charts.

    In the browser each colour is a CSS variable: `failed_text` is `--rs-failed-text`.

    Attributes:
        page: background of a replay, which has no Streamlit theme.
        text: text of a replay.
        rule: lines between parts of the board.
        muted: secondary text.
        raised: background of panels and buttons.
        training, validation: text in the colour of a curve.
        running, waiting, failed: marks of the state of a run.
        failed_text: text about a failed run.
    """

    page: str
    text: str
    rule: str
    muted: str
    raised: str
    training: str
    validation: str
    running: str
    waiting: str
    failed: str
    failed_text: str

    def css_variables(self) -> dict[str, str]:
        """Return the colour of each CSS variable, without the prefix `--rs-`."""
        return {name.replace("_", "-"): colour for name, colour in asdict(self).items()}


_ORANGE_TEXT = "#C25500"  # darker than `LIGHT.validation`, which has too little contrast for text on white

INTERFACE_THEMES = {
    "light": InterfaceColours(
        page="#F7F9FC",
        text=LIGHT.text,
        rule="#DDE2E9",
        muted=LIGHT.muted,
        raised=LIGHT.zero,
        training=LIGHT.training,
        validation=_ORANGE_TEXT,
        running=LIGHT.penalty,
        waiting=LIGHT.negative,
        failed=LIGHT.validation,
        failed_text=_ORANGE_TEXT,
    ),
    # marks of a state are areas, which are visible on dark without a lighter tint
    "dark": InterfaceColours(
        page="#0D121B",
        text=DARK.text,
        rule=DARK.grid,
        muted=DARK.muted,
        raised=DARK.zero,
        training=DARK.training,
        validation=DARK.validation,
        running=LIGHT.penalty,
        waiting=LIGHT.negative,
        failed=LIGHT.validation,
        failed_text=_ORANGE_TEXT,
    ),
}


def interface_colours() -> dict[str, dict[str, str]]:
    """Return the interface colours by theme and CSS variable, for the JavaScript of the board."""
    return {theme: colours.css_variables() for theme, colours in INTERFACE_THEMES.items()}


def interface_css() -> str:
    """Return a style sheet with the interface colours of the theme that the operating system prefers."""
    light, dark = (
        "".join(f" --rs-{name}: {colour};" for name, colour in INTERFACE_THEMES[theme].css_variables().items())
        for theme in ("light", "dark")
    )
    return f":root {{{light} }}\n@media (prefers-color-scheme: dark) {{\n  :root {{{dark} }}\n}}"


# The CSS variables of the style sheet of the pages. They are the same in both themes.
PAGE_VARIABLES = {
    "primary-button": "#006AA6",  # `primaryColor` of the light theme, dark enough for white text
    "wrong-label": LIGHT.validation,
    "class-share": LIGHT.training,
}


def page_css() -> str:
    """Return a style sheet that sets the variables of `PAGE`."""
    return f":root {{{''.join(f' --rs-{name}: {colour};' for name, colour in PAGE_VARIABLES.items())} }}"
