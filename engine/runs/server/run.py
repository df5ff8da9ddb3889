"""A run as the server knows it: what it is, how far it is, and who watches it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.config import RunConfig
from engine.errors import FieldError
from engine.learning.checkpoint import config_at
from engine.runs import states
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import ORDERS, Command, Report, RunSetup, Verb
from engine.runs.server.process import Process
from engine.runs.store.packing import pack
from engine.runs.store.record import About, Record, figures_of, new_id


class Run:
    """A run as the server knows it.

    Attributes:
        id: names it in links. token: whoever has it may watch; it cannot be guessed.
        initial_config: the config it started with. current_config: the one in force, live changes included.
        state: one of `engine.runs.states`. reason: why it has ended, where there is more to say than that.
        telemetry: everything known of it; read it under `lock`.
        name: what a person calls it. group: those started together have the same, else "".
        parent, forked_at: the run that it continues, and from which update on; "" and None for one of its own.
        created: seconds since 1970. origin: where it was started; see `engine.runs.store.record`.
        unwatched_since: when the last viewer left, by the manager's clock; None while there is one.
    """

    def __init__(
        self, config: RunConfig, pace: float | None, now: float = 0.0, name: str = "", group: str = ""
    ) -> None:
        self.id = new_id()
        self.token = secrets.token_urlsafe(24)
        self.initial_config = self.current_config = config
        self.name, self.group = name, group
        self.parent = ""
        self.forked_at: int | None = None
        self.created, self.origin = time.time(), "page"
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
        self.waiting: Verb | None = None  # the order to give when it is its turn
        self.doing: Verb | None = None  # the order that it last began to train by
        self.begun = False
        self.ending = False  # it was told to stop, and its worker has not yet said that it has
        self.farewell: str | None = None  # the reason to give once it has
        self.record: dict[str, Any] | None = None  # packed: what its worker goes on from, where it does not begin
        self.fields: dict[str, Any] = {}  # what its worker then changes before the first update
        self.thinned = False  # its keyframes were let go of for others', all but the last
        self.cores = 1  # how many its products may use
        self.orders = 0
        self.asked: list[tuple[int, Mapping[str, Any]]] = []  # changes its worker has not heard, each with its number
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    def of(cls, record: Record, now: float = 0.0) -> Run:
        """A run that was kept, as it was left; nobody trains it."""
        about = record.about
        run = cls(about.initial_config, about.pace, now, about.name, about.party)
        run.id, run.created, run.origin = about.id, about.created, about.origin
        run.parent, run.forked_at = about.parent, about.forked_at
        run.state, run.reason = about.state, about.reason
        if about.state not in states.FINAL:
            run.state, run.reason = states.INTERRUPTED, "another Regscope on this machine trains it: look at it there"
        run.telemetry = record.telemetry
        run.current_config = config_at(run.initial_config, run.telemetry.changes, run.telemetry.step + 1)
        return run

    def go_on(self, record: Record, fields: Mapping[str, Any]) -> None:
        """Make ready for another worker, which goes on from a record."""
        before, self.telemetry = self.telemetry, record.telemetry
        for part, number in before.sequence.items():  # whoever watches must be sent everything anew
            self.telemetry.sequence[part] += number + 1
        self.record, self.fields = pack(record), dict(fields)
        self.current_config = replace(
            config_at(self.initial_config, record.telemetry.changes, record.telemetry.step + 1), **fields
        )
        self.process, self.begun, self.ending, self.farewell = None, False, False, None
        self.thinned = False
        self.waiting = self.doing = None
        self.asked = []

    def setup(self, order: Verb, store: Path | None) -> RunSetup:
        """What its worker is told first."""
        return RunSetup(
            self.initial_config.to_dict(),
            self.pace,
            self.watched,
            order,
            self.cores,
            self.about(),
            store,
            self.record,
            self.fields,
        )

    def told(self) -> About:
        """What a list says of it as it is now."""
        told = self.telemetry
        return About(
            **self.about(),
            initial_config=self.initial_config,
            pace=self.pace,
            state=self.state,
            reason=self.reason,
            step=told.step,
            steps_per_epoch=told.steps_per_epoch,
            seconds=told.seconds,
            figures=figures_of(told),
            updated=told.taken_at,
        )

    def told_beside(self, kept: About) -> About:
        """The same, with what a person wrote of it in the store."""
        return replace(self.told(), name=kept.name, note=kept.note, tags=kept.tags, deleted=kept.deleted)

    def about(self) -> dict[str, Any]:
        """What the store is told of it, beside config and pace."""
        return {
            "id": self.id,
            "created": self.created,
            "origin": self.origin,
            "name": self.name,
            "party": self.group,
            "parent": self.parent,
            "forked_at": self.forked_at,
        }

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener`, from some thread, whenever something is new; returns how to end that."""
        self._listeners = [*self._listeners, listener]

        def end() -> None:
            self._listeners = [each for each in self._listeners if each is not listener]

        return end

    def tell(self, verb: Verb, value: object = None) -> None:
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
            self.current_config = config_at(self.initial_config, self.telemetry.changes, report.step + 1)
            for _, fields in self.asked:
                with suppress(FieldError):  # together with one that was refused: it will be refused too
                    self.current_config = replace(self.current_config, **fields)

    def changed(self) -> None:
        for listener in self._listeners:
            listener()
