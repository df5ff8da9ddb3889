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
from engine.runs.extracts import VIEWS
from engine.runs.history.telemetry import Telemetry

Subject = Any  # what a figure depends on: the config of one run, or the entrants of a comparison


@dataclass(frozen=True)
class Panel:
    """One panel of a board, for one run or for several.

    Attributes:
        name: its name in the page, `data-panel`. title: in words.
        parts: the parts of the telemetry that it draws, as `Telemetry.sequence` names them.
        look: one sentence that says what to look for. Its argument, as that of `figure`, `choices` and `shown`, is the
            config of one run, or the entrants of a comparison.
        figure: the figure with its axes and empty traces, made once; None for a panel without a chart.
        update: the current data of its traces. Its arguments are (config, telemetry) of one run, or (entrants,), each
            with its telemetry.
        choices: the lists of options in its head.
        shown: whether it has anything to show of the subject.
        every: seconds between two drawings of it while a run trains: a chart takes 20 ms of a browser to draw.
        large: whether it takes two rows and two columns of the grid.
        legend: whether the names of its lines stand above the chart.
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
            chart: has `look` and `update`, and may have `figure`, `choices` and `shown`.
            attributes: `every`, `large` or `legend`, where they are not the default.
        """
        optional = {each: getattr(chart, each) for each in ("choices", "shown") if hasattr(chart, each)}
        figure = getattr(chart, "figure", None)
        return cls(name, title, parts, chart.look, figure, chart.update, **optional, **attributes)

    @property
    def views(self) -> tuple[str, ...]:
        """The views that each of its runs must make for it."""
        return tuple(part for part in self.parts if part in VIEWS)

    def sequence(self, telemetries: Iterable[Telemetry]) -> int:
        """Return a number that grows whenever anything that the panel draws has changed."""
        return sum(telemetry.sequence[part] for telemetry in telemetries for part in self.parts)
