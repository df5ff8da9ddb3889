"""A panel of a board: title, caption, figure, and the function that renews it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import plotly.graph_objects as go

from dashboard.charts.choice import Choice
from dashboard.charts.palette import Palette
from dashboard.charts.update import Update
from engine.runs.extracts import EXTRACTS
from engine.runs.history.telemetry import Telemetry

Subject = Any  # the config of one run, or the entrants of a comparison


@dataclass(frozen=True)
class Panel:
    """One panel of a board, for one run or for several.

    Attributes:
        name: its key in links, stored layouts and the page.
        title: its heading.
        parts: the parts of the telemetry that it draws, as in `Telemetry.sequence`.
        look: returns a sentence about what to look for. Its argument, as that of `figure`, `choices` and `shown`,
            is the config of one run, or the entrants of a comparison.
        figure: returns the figure with its axes and empty traces, made once; None for a panel without a chart.
        update: returns the current data of its traces. Its arguments are (config, telemetry) of one run, or
            (entrants,).
        choices: returns the lists of options in its head.
        shown: returns True if it has anything to show for the subject.
        every: seconds between two drawings while a run trains: drawing a chart takes a browser 20 ms.
        large: True if it takes two rows and two columns of the grid.
        legend: True if the chart has a legend.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    look: Callable[[Subject], str]
    figure: Callable[[Subject, Palette], go.Figure] | None
    update: Callable[..., Update]
    choices: Callable[[Subject], list[Choice]] = lambda subject: []
    shown: Callable[[Subject], bool] = lambda subject: True
    every: float = 0.0
    large: bool = False
    legend: bool = True

    @classmethod
    def from_module(cls, name: str, title: str, parts: tuple[str, ...], chart: ModuleType, **attributes: Any) -> Panel:
        """Return the panel whose functions are those of a module.

        Args:
            name, title, parts: see `Panel`.
            chart: has `look` and `update`, and may have `figure`, `choices` and `shown`.
            attributes: `every`, `large` or `legend`, if they differ from the default.
        """
        optional = {each: getattr(chart, each) for each in ("choices", "shown") if hasattr(chart, each)}
        figure = getattr(chart, "figure", None)
        return cls(name, title, parts, chart.look, figure, chart.update, **optional, **attributes)

    @property
    def extracts(self) -> tuple[str, ...]:
        """The extracts that each of its runs must compute for it."""
        return tuple(part for part in self.parts if part in EXTRACTS)

    def sequence(self, telemetries: Iterable[Telemetry]) -> int:
        """Return a number that grows whenever anything that the panel draws has changed."""
        return sum(telemetry.sequence[part] for telemetry in telemetries for part in self.parts)
