"""One meaning, one colour: Okabe and Ito's set, which colour-blind people can tell apart.

No meaning stands on colour alone: validation is dashed, corrupted labels are dotted, a dropped
neuron is a hole. In the dark the curves take lighter tints of the same hues.
"""

from __future__ import annotations

from dataclasses import dataclass


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
