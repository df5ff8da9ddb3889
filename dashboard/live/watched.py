"""What can be watched: one run, or several together.

The hub, the socket, the board and the pages use this protocol only, so that they are the same for both.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Protocol

from dashboard.charts.panel import Panel
from dashboard.charts.panels.layouts import Layout
from dashboard.live.bodies import Body
from dashboard.live.contents import Contents
from engine import RunConfig
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

STATUS = "status"  # the part of a frame beside the panels: state, step, metrics


class Watched(Protocol):
    """One run, or several together, as a viewer watches them.

    An implementation inherits from it: what depends only on `runs` and `panels` is the same for all.

    Attributes:
        id: its name in addresses and frames.
        token: the secret that a viewer must know.
        runs: its runs, in their order.
        panels: all panels that it has, by name.
        charts_per_frame: how many charts one frame renews while it trains; None for no limit.
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
        """What the page around the board depends on: when it changes, the page must be made again."""

    @abstractmethod
    def contents(self, layout: Layout) -> Contents:
        """Return what its board shows from the moment it is mounted.

        Args:
            layout: which panels, where there is a choice.
        """

    @abstractmethod
    def body(self, part: str) -> Body:
        """Return the whole of the status or of a panel as it is now. Call it under `lock`."""

    @abstractmethod
    def past_body(self, step: int, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        """Return the status, and panels by name, as they were when `step` updates were done.

        A step before the first or after the last is taken as that one. A panel that cannot be drawn contains why.
        """

    @abstractmethod
    def order(self, manager: Manager, order: object) -> None:
        """Obey an order of `messages.Order`; any other value does nothing, and so does any order after its end.

        Raises:
            FieldError: if a run cannot be resumed.
        """

    @property
    def configs(self) -> tuple[RunConfig, ...]:
        """The config in force of each run."""
        return tuple(run.current_config for run in self.runs)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener`, from some thread, after every report of a run; return a function that ends it."""
        ends = [run.listen(listener) for run in self.runs]

        def end() -> None:
            for each in ends:
                each()

        return end

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep reports from being added to its runs."""
        with ExitStack() as held:
            for run in sorted(self.runs, key=lambda run: run.id):  # one order for all: two groups may share runs
                held.enter_context(run.lock)
            yield

    def sequence(self, part: str) -> int:
        """Return a number that grows whenever a part of its frame changes. Call it under `lock`."""
        telemetries = [run.telemetry for run in self.runs]
        if part == STATUS:
            return sum(telemetry.sequence[STATUS] for telemetry in telemetries)
        return self.panels[part].sequence(telemetries)

    def views(self, panels: Iterable[str]) -> set[str]:
        """Return the views that each of its runs must make for these panels."""
        return {view for name in panels for view in self.panels[name].views}
