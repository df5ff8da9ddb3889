"""The base class of everything that a board can show: one run, or several runs together.

The hub, the socket, the board and the pages use this class only, so they are the same for one run and for several.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from dashboard.charts.panel import Panel
from dashboard.charts.panels.layouts import Layout
from dashboard.live import orders
from dashboard.live.bodies import Body
from dashboard.live.contents import Contents
from engine import RunConfig
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

STATUS = "status"  # the part of a frame beside the panels: state, step, metrics


class Watched(ABC):
    """One run, or several runs together, as a viewer watches them.

    Attributes:
        id: its name in addresses and frames.
        token: the secret that a viewer must send.
        runs: the runs, in order.
        panels: all panels that a board can show, by name.
        charts_per_frame: maximum number of charts that a frame renews during training; None for no limit.
    """

    id: str
    token: str
    runs: tuple[Run, ...]
    panels: Mapping[str, Panel]
    charts_per_frame: int | None

    @property
    @abstractmethod
    def state(self) -> str:
        """One of `engine.runs.states`."""

    @property
    @abstractmethod
    def page_version(self) -> str:
        """A text that changes when the page around the board must be built again."""

    @abstractmethod
    def contents(self, layout: Layout) -> Contents:
        """Return the initial contents of the board.

        Args:
            layout: the panels to show, if there is a choice.
        """

    @abstractmethod
    def body(self, part: str) -> Body:
        """Return the complete current body of the status or of a panel. Call it under `lock`."""

    @abstractmethod
    def past_body(self, step: int, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        """Return the status, and the bodies of panels by name, after `step` updates.

        A step outside of the run is replaced by the first or the last one. If a panel cannot be drawn, its body
        contains the reason.
        """

    def order(self, manager: Manager, order: object) -> None:
        """Give an order to every run; see `orders`.

        Args:
            order: a name in `orders.ORDERS`; any other value does nothing.

        Raises:
            FieldError: if a run cannot be resumed.
        """
        orders.give(manager, self.runs, order)

    @property
    def configs(self) -> tuple[RunConfig, ...]:
        """The current config of each run."""
        return tuple(run.current_config for run in self.runs)

    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every report of a run, from any thread; return a function that ends this."""
        ends = [run.add_listener(listener) for run in self.runs]

        def end() -> None:
            for each in ends:
                each()

        return end

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Prevent reports from being added to the runs."""
        with ExitStack() as held:
            for run in sorted(self.runs, key=lambda run: run.id):  # always the same order: two groups may share runs
                held.enter_context(run.lock)
            yield

    def sequence(self, part: str) -> int:
        """Return a number that grows whenever a part of the frame changes. Call it under `lock`."""
        telemetries = [run.telemetry for run in self.runs]
        if part == STATUS:
            return sum(telemetry.sequence[STATUS] for telemetry in telemetries)
        return self.panels[part].sequence(telemetries)

    def extracts(self, panels: Iterable[str]) -> set[str]:
        """Return the extracts that each run must make for these panels."""
        return {extract for name in panels for extract in self.panels[name].extracts}
