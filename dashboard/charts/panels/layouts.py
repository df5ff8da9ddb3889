"""Layouts: named lists of panels for the board of one run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.charts.panel import Panel
from dashboard.charts.panels.catalogue import PANELS
from engine import RunConfig

CUSTOM = "custom"

# The board shows the first panels that apply to the run, as many as fit on the first screen.
LAYOUTS: dict[str, tuple[str, ...]] = {
    "overview": ("boundary", "cost", "accuracy", "weights", "dropout", "norms", "network"),
    "L1 and L2": ("cost", "weights", "norms", "then", "tug", "lmbda"),
    "dropout": ("accuracy", "dropout", "network", "trained", "committee", "weights"),
    "answers": ("boundary", "accuracy", "confusion", "wrong", "pictures", "cost", "weights"),
}
DEFAULT_LAYOUT = "overview"


@dataclass(frozen=True)
class Layout:
    """The panels that a page shows.

    Attributes:
        name: one of `LAYOUTS`, or `CUSTOM`.
        panels: names of the panels of the custom layout.
        is_explicit: True if the layout is in the address or was chosen on this page.
    """

    name: str
    panels: tuple[str, ...] = ()
    is_explicit: bool = False


MAX_CELLS = 6  # cells of the grid on the first screen; a large panel takes four


def panels_of(config: RunConfig, layout: str = DEFAULT_LAYOUT, custom: Iterable[str] = ()) -> list[Panel]:
    """Return the panels of a layout that apply to a run, in order.

    Args:
        config: the config of the run.
        layout: one of `LAYOUTS`, or `CUSTOM`.
        custom: names of the panels of the custom layout; unknown names are ignored.
    """
    names = tuple(custom) if layout == CUSTOM else LAYOUTS.get(layout, LAYOUTS[DEFAULT_LAYOUT])
    panels = [PANELS[name] for name in names if name in PANELS and PANELS[name].applies_to(config)]
    if layout == CUSTOM:
        return panels
    shown_panels, cells = [], 0
    for panel in panels:
        cells += 4 if panel.is_large else 1
        if cells > MAX_CELLS:
            break
        shown_panels.append(panel)
    return shown_panels
