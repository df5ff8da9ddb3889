"""A run as the server knows it: what it is, how far it is, and who watches it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from engine.checkpoint import config_at
from engine.config import RunConfig
from engine.errors import FieldError
from engine.runs import states
from engine.runs.process import Process
from engine.runs.telemetry import Report, Telemetry
from engine.runs.worker import Command

ORDERS = frozenset({"start", "pause", "resume", "step", "step_epoch", "change", "stop"})


class Run:
    """A run as the server knows it.

    Attributes:
        id: names it in links. token: whoever has it may watch; it cannot be guessed.
        name: what people call it, empty where nobody has named it. group: the race that it was started in.
        config: as it began. now: as it is in force, with what was changed while it trained.
        state: one of `engine.runs.states`. reason: why it has ended, where there is more to say than that.
        telemetry: everything known of it; read it under `lock`.
        unwatched_since: when the last viewer left, by the manager's clock; None while there is one.
    """

    name: str = ""
    group: str = ""

    def __init__(self, config: RunConfig, pace: float | None, now: float = 0.0) -> None:
        self.id = secrets.token_hex(8)
        self.token = secrets.token_urlsafe(24)
        self.config = self.now = config
        self.pace = pace
        self.state = states.QUEUED
        self.reason: str | None = None
        self.telemetry = Telemetry()
        self.lock = threading.Lock()
        self.process: Process | None = None
        self.watchers = 0
        self.watched: tuple[str, ...] | None = None  # the views that are seen; None where nobody watches
        self.rested_at = now
        self.unwatched_since: float | None = now
        self.waiting: str | None = None  # the order to give when it is its turn
        self.doing: str | None = None  # the order that it last began to train by
        self.begun = False
        self.ending = False  # it was told to stop, and its worker has not yet said that it has
        self.farewell: str | None = None  # the reason to give once it has
        self.cores = 1  # how many its products may use
        self.orders = 0
        self.asked: list[tuple[int, Mapping[str, Any]]] = []  # changes its worker has not heard, each with its number
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener`, from some thread, whenever something is new; returns how to end that."""
        self._listeners = [*self._listeners, listener]

        def end() -> None:
            self._listeners = [each for each in self._listeners if each is not listener]

        return end

    def tell(self, verb: str, value: object = None) -> None:
        """Send a command. What its worker reports before it heard an order is no news of the state."""
        if verb in ORDERS:
            self.orders += 1
        if self.process is not None and self.begun:  # a worker's first command must be its start
            self.process.send(Command(verb, value, self.orders))

    def settle(self, report: Report) -> None:
        """Bring `now` up to date: what its worker says is in force, and what it has still to hear."""
        over = report.state in states.FINAL  # it hears no more
        self.asked = [] if over else [each for each in self.asked if each[0] > report.heard]
        if report.changes or report.refused or over:
            self.now = config_at(self.config, self.telemetry.changes, report.step + 1)
            for _, fields in self.asked:
                with suppress(FieldError):  # together with one that was refused: it will be refused too
                    self.now = replace(self.now, **fields)

    def changed(self) -> None:
        for listener in self._listeners:
            listener()
