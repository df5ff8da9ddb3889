"""A panel of a board: title, caption, figure, and the function that updates it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import plotly.graph_objects as go

from dashboard.charts.choice import Choice, Switch
from dashboard.charts.ghosts import Ghost
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine.runs.extracts import EXTRACTS
from engine.runs.history.telemetry import Telemetry

Subject = Any  # the config of one run, or the entrants of a comparison

# Where the names of the lines are: at their ends, in a corner of the chart, instead of the caption, or nowhere.
Legend = Literal["ends", "corner", "row", "none"]


@dataclass(frozen=True)
class Panel:
    """One panel of a board, for one run or for several.

    Attributes:
        name: the key in links, stored layouts and the page.
        title: the heading.
        telemetry_parts: the parts of the telemetry that the panel draws, keys of `Telemetry.sequence_numbers`.
        caption: function that returns a sentence about what to look for, which fits on one line of a narrow panel. Its
            argument is the config of one run, or the entrants of a comparison; `about`, `figure`, `choices`, `switches`
            and `applies_to` take the same argument.
        about: function that returns what exactly the panel shows, in sentences: formula, unit, when it is measured.
        figure: function that returns the figure with its axes and empty traces; None for a panel without a chart.
        update: function that returns the current data of the traces. Its arguments are (config, telemetry) of one run,
            or (entrants,).
        choices: function that returns the drop-down lists in the header.
        switches: function that returns the check boxes in the menu.
        applies_to: function that returns True if there is anything to show.
        ghost: function that returns the traces of a ghost and changes of the layout, see `ghosts`; None for a panel
            without it. Its arguments are (config of the run, telemetry of the ghost).
        redraw_interval: minimum seconds between two drawings while a run trains. Drawing a chart takes a browser 20 ms.
        is_large: True if the panel takes two rows and two columns of the grid.
        is_wide: True if the panel takes all columns of the grid.
        legend: where the names of the lines are.
        is_smooth: function that returns whether the lines are smoothed at first; None if they never are.
    """

    name: str
    title: str
    telemetry_parts: tuple[str, ...]
    caption: Callable[[Subject], str]
    about: Callable[[Subject], tuple[str, ...]]
    figure: Callable[[Subject, Palette], go.Figure] | None
    update: Callable[..., Update]
    choices: Callable[[Subject], list[Choice]] = lambda subject: []
    switches: Callable[[Subject], list[Switch]] = lambda subject: []
    applies_to: Callable[[Subject], bool] = lambda subject: True
    ghost: Callable[[Subject, Telemetry], Ghost] | None = None
    redraw_interval: float = 0.0
    is_large: bool = False
    is_wide: bool = False
    legend: Legend = "none"
    is_smooth: Callable[[Subject], bool] | None = None

    @classmethod
    def from_module(
        cls, name: str, title: str, telemetry_parts: tuple[str, ...], module: ModuleType, **attributes: Any
    ) -> Panel:
        """Return the panel whose functions are those of a module.

        Args:
            name, title, telemetry_parts: see `Panel`.
            module: has `caption`, `about` and `update`, and may have `figure`, `choices`, `switches`, `applies_to`,
                `ghost` and `is_smooth`.
            attributes: `redraw_interval`, `is_large`, `is_wide` or `legend`, if they differ from the default.
        """
        optional = {
            function: getattr(module, function)
            for function in ("choices", "switches", "applies_to", "ghost", "is_smooth")
            if hasattr(module, function)
        }
        figure = getattr(module, "figure", None)
        return cls(
            name, title, telemetry_parts, module.caption, module.about, figure, module.update, **optional, **attributes
        )

    @property
    def extracts(self) -> tuple[str, ...]:
        """The extracts that a run must compute for the panel."""
        return tuple(part for part in self.telemetry_parts if part in EXTRACTS)

    def sequence_number(self, telemetries: Iterable[Telemetry]) -> int:
        """Return a number that grows when a drawn part of the telemetry changes."""
        return sum(telemetry.sequence_numbers[part] for telemetry in telemetries for part in self.telemetry_parts)
