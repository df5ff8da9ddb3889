"""The base class of what a board can show: one run, or several runs together.

The hub, the socket, the board and the pages use only this class, so their code is the same for one run and for several.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress

from dashboard.charts.panel import Panel
from dashboard.charts.panels.layouts import Layout
from dashboard.live import orders
from dashboard.live.contents import Contents
from dashboard.live.frames.bodies import Body
from engine import FieldError, RunConfig, dataset_of
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run

STATUS = "status"  # the part of a frame outside of the panels: state, step, metrics


class Watched(ABC):
    """One run, or several runs together, on one board.

    Attributes:
        id: the id in addresses and frames.
        token: the secret that a viewer must send.
        runs: the runs, in order.
        panels: all panels that a board can show, by name.
        charts_per_frame: the maximum number of charts that a frame updates during training; None for no limit.
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
        """A text; when it changes, Streamlit must run the script of the page again."""

    @property
    def past_version(self) -> object:
        """A value; when it changes, the frame of an earlier step looks different and must be sent again."""
        return None

    @property
    @abstractmethod
    def step(self) -> int:
        """The newest step."""

    @property
    @abstractmethod
    def steps_per_epoch(self) -> int:
        """The number of steps in one epoch; 0 before the first report."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What is on the board, in words, for a page of its own."""

    @abstractmethod
    def contents(self, layout: Layout) -> Contents:
        """Return the initial contents of the board.

        Args:
            layout: the panels to show; ignored if the board has no layouts.
        """

    @abstractmethod
    def part_body(self, part: str) -> Body:
        """Return the complete current body of the status or of a panel; the caller must hold `lock`."""

    @abstractmethod
    def frame_parts_at(self, step: int, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        """Return the status, and the bodies of panels by name, at an earlier step.

        A step outside of the run is replaced by the nearest step of the run. The body of a panel that cannot be drawn
        contains the reason.

        Args:
            step: the number of updates.
            panels: the names of the panels.
        """

    def give_order(self, manager: Manager, order: object) -> None:
        """Execute an order for every run; see `orders`.

        Args:
            order: a name in `orders.ORDERS`; any other value is ignored.

        Raises:
            FieldError: if a run cannot be resumed.
        """
        orders.give_order(manager, self.runs, order)

    def load_data(self) -> None:
        """Load the data sets of the runs, so that no panel has to load one under `lock`."""
        for config in self.configs:
            with suppress(FieldError):  # the data set has been removed
                dataset_of(config)

    @property
    def configs(self) -> tuple[RunConfig, ...]:
        """The current config of each run."""
        return tuple(run.current_config for run in self.runs)

    @property
    def subject_configs(self) -> tuple[RunConfig, ...]:
        """The current configs of the runs that the board is about: without that of a ghost."""
        return self.configs

    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every report of a run, from any thread; return a function that removes it."""
        removers = [run.add_listener(listener) for run in self.runs]

        def remove_all() -> None:
            for remove in removers:
                remove()

        return remove_all

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the locks of all runs, so that no report changes them."""
        with ExitStack() as stack:
            for run in sorted(
                self.runs, key=lambda run: run.id
            ):  # a fixed order, because groups that share runs could otherwise deadlock
                stack.enter_context(run.lock)
            yield

    def sequence_number(self, part: str) -> int:
        """Return a number that grows whenever a part of the frame changes; the caller must hold `lock`."""
        if part == STATUS:
            return sum(run.telemetry.sequence_numbers[STATUS] + run.state_changes for run in self.runs)
        return self.panels[part].sequence_number([run.telemetry for run in self.runs])

    def needed_extracts(self, panels: Iterable[str]) -> set[str]:
        """Return the extracts that each run must make for these panels."""
        return {extract for name in panels for extract in self.panels[name].extracts}
