"""One meaning, one colour: Okabe and Ito's set, which colour-blind people can tell apart.

No meaning stands on colour alone: validation is dashed, corrupted labels are dotted, a dropped
neuron is a hole. In the dark the curves take lighter tints of the same hues.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Palette:
    """The colours of a theme, by meaning.

    `layers` are the network's layers, the first one first, `classes` those of the data.
    """

    text: str
    muted: str
    grid: str
    training: str
    validation: str
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


LIGHT = Palette(
    text="#1B2330",
    muted="#5D6878",
    grid="#E6E9EE",
    training="#0072B2",
    validation="#D55E00",
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
)

DARK = Palette(
    text="#E8ECF3",
    muted="#A3AEBF",
    grid="#2A3140",
    training="#5CB3E8",
    validation="#FF9A57",
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
)

THEMES = {"light": LIGHT, "dark": DARK}


@dataclass(frozen=True)
class Interface:
    """The colours of the page around the charts, by meaning.

    The browser has each as a CSS variable: `failed_text` is `--rs-failed-text`. Style sheets and JavaScript
    contain no other colours.

    Attributes:
        page, text: background and text of a page that is not Streamlit's own.
        rule: lines between parts of the board. muted: secondary text. raised: background of panels and buttons.
        training, validation: text in the colour of a curve.
        running, waiting, failed: the state of a run. failed_text: the same as text.
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

    def variables(self) -> dict[str, str]:
        """Return the colour of each CSS variable, without the prefix `--rs-`."""
        return {name.replace("_", "-"): colour for name, colour in asdict(self).items()}


_ORANGE_TEXT = "#C25500"  # the light theme's orange, dark enough to be read on white

INTERFACE = {
    "light": Interface(
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
    # the marks of a state keep the light theme's colours: they are areas and need no lighter tint
    "dark": Interface(
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
    """Return the interface colours of each theme as the board's JavaScript takes them."""
    return {theme: colours.variables() for theme, colours in INTERFACE.items()}


def interface_css() -> str:
    """Return a style sheet that sets the interface colours of the theme that the system prefers."""
    light, dark = (
        "".join(f" --rs-{name}: {colour};" for name, colour in INTERFACE[theme].variables().items())
        for theme in ("light", "dark")
    )
    return f":root {{{light} }}\n@media (prefers-color-scheme: dark) {{\n  :root {{{dark} }}\n}}"
