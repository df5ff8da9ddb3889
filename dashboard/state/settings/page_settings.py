"""The settings of the page: those of a run and the pace."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engine.config import SETTINGS
from engine.errors import FieldError
from engine.settings.kinds import Kind, short_repr
from engine.settings.setting import TRAINING, Setting

# Mini-batches a second, by the name on the page; None is full speed.
PACES: dict[str, float | None] = {
    "1/s": 1.0,
    "5/s": 5.0,
    "25/s": 25.0,
    "125/s": 125.0,
    "250/s": 250.0,
    "1000/s": 1_000.0,
    "full": None,
}
DEFAULT_PACE: float | None = 125.0  # of a link without a pace; the demonstration then takes 40 seconds
FIRST_PACE: float | None = 250.0  # that a page starts with: the first run then takes 20 seconds


def nearest_pace_name(pace: float | None) -> str:
    """Return the name of the nearest pace of the page, by ratio. A stored run may have any pace."""
    if pace is None:
        return next(name for name, value in PACES.items() if value is None)
    limited = {name: value for name, value in PACES.items() if value is not None}
    return min(limited, key=lambda name: abs(math.log(limited[name] / pace)))


@dataclass(frozen=True)
class Pace(Kind):
    """One of several paces, by name.

    Attributes:
        paces: mini-batches a second by name; None is full speed.
    """

    paces: Mapping[str, float | None]

    def _check(self, name: str, value: object) -> float | None:
        for pace in self.paces.values():
            if value == pace:
                return pace
        raise FieldError(name, f"must be one of {', '.join(self.paces)} mini-batches a second, got {short_repr(value)}")

    def _parse(self, text: str) -> float | str | None:
        return self.paces.get(text, text)

    def format(self, value: float | None) -> str:
        """Return the name of a pace."""
        return next(name for name, pace in self.paces.items() if pace == value)

    def display_text(self, value: float | None) -> str:
        """Return the name of a pace."""
        return self.format(value)

    @property
    def _allowed_values(self) -> str:
        return ", ".join(f"`{name}`" for name in self.paces)


PACE = Setting(
    kind=Pace({name.removesuffix("/s"): value for name, value in PACES.items()}),
    label="Mini-batches per second",
    help="The number of mini-batches a second. It changes no result.",
    group=TRAINING,
    unit="mini-batches a second",
    option=None,
    changeable=True,
).with_name("pace")

# Every setting of the page by name: the parameters of a link, in their order.
PAGE_SETTINGS: Mapping[str, Setting] = {**SETTINGS, PACE.name: PACE}


def label_of(name: str) -> str:
    """Return the label of a setting; a name that is not a setting is returned as it is."""
    return PAGE_SETTINGS[name].label if name in PAGE_SETTINGS else name


def with_label(message: str) -> str:
    """Return a message of the engine with the label of the field in place of its name, the first word."""
    name, _, rest = message.partition(" ")
    return f"{label_of(name)} {rest}"
