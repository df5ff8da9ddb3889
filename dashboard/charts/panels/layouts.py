"""Layouts: named lists of panels for the board of one run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.charts.panel import Panel
from dashboard.charts.panels.catalogue import PANELS
from engine import RunConfig

CUSTOM = "custom"

# The board shows the first panels that apply to the run, as many as the first screen holds.
LAYOUTS: dict[str, tuple[str, ...]] = {
    "overview": ("boundary", "cost", "accuracy", "weights", "dropout", "norms", "network"),
    "L1 and L2": ("cost", "weights", "norms", "then", "tug", "lmbda"),
    "dropout": ("accuracy", "dropout", "network", "trained", "committee", "weights"),
    "answers": ("boundary", "accuracy", "confusion", "wrong", "pictures", "cost", "weights"),
}
DEFAULT = "overview"


@dataclass(frozen=True)
class Layout:
    """The panels that a page shows.

    Attributes:
        name: one of `LAYOUTS`, or `CUSTOM`.
        panels: names of the panels of the custom layout.
        asked: True if the address names the layout or it was chosen on this page.
    """

    name: str
    panels: tuple[str, ...] = ()
    asked: bool = False


CELLS = 6  # on the first screen; a large panel takes four


def panels_of(config: RunConfig, layout: str = DEFAULT, custom: Iterable[str] = ()) -> list[Panel]:
    """Return the panels of a layout that apply to a run, in order.

    Args:
        config: the run.
        layout: one of `LAYOUTS`, or `CUSTOM`.
        custom: names of the panels of the custom layout; unknown names are ignored.
    """
    names = tuple(custom) if layout == CUSTOM else LAYOUTS.get(layout, LAYOUTS[DEFAULT])
    panels = [PANELS[name] for name in names if name in PANELS and PANELS[name].shown(config)]
    if layout == CUSTOM:
        return panels
    found, cells = [], 0
    for panel in panels:
        cells += 4 if panel.large else 1
        if cells > CELLS:
            break
        found.append(panel)
    return found
