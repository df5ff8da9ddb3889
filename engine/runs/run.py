"""A run as the server knows it: what it is, how far it is, and who watches it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

from engine.config import RunConfig
from engine.runs import states
from engine.runs.process import Process
from engine.runs.telemetry import Telemetry
from engine.runs.worker import Command

ORDERS = frozenset({"start", "pause", "resume", "step", "step_epoch", "stop"})


class Run:
    """A run as the server knows it.

    Attributes:
        id: names it in links. token: whoever has it may watch; it cannot be guessed.
        config: as it began. now: as it is in force, with what was changed while it trained.
        state: one of `engine.runs.states`. reason: why it has ended, where there is more to say than that.
        telemetry: everything known of it; read it under `lock`.
        unwatched_since: when the last viewer left, by the manager's clock; None while there is one.
    """

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

    def changed(self) -> None:
        for listener in self._listeners:
            listener()
