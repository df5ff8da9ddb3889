"""A queue of commands for a worker, and a thread that writes them into its pipe.

A write into a full pipe blocks until the worker reads. A worker that was stopped or is swapped out does not read; it
blocks only this thread.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import BinaryIO

from engine.runs.messages import ORDERS, Command, Verb
from engine.runs.worker.channel import send

MAX_WAITING = 1_000  # commands: a person gives a few in a second, and a worker that reads takes hundreds
SETTINGS = frozenset({Verb.WATCH, Verb.PACE, Verb.THREADS})  # of each only the newest value matters
SWITCHES = frozenset({Verb.PAUSE, Verb.RESUME})  # of several in a row only the last has an effect


class Outbox:
    """A bounded queue of commands, and the thread that writes them into a pipe.

    Args:
        pipe: only this object writes to it and closes it.
    """

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._waiting: deque[Command] = deque()
        self._changed = threading.Condition()
        self._closed = False
        threading.Thread(target=self._write, daemon=True, name="outbox").start()

    def __len__(self) -> int:
        """Return the number of commands that are not yet in the pipe."""
        return len(self._waiting)

    def put(self, command: Command) -> bool:
        """Queue a command; it never waits. A command after `close` is dropped.

        Returns:
            False if `MAX_WAITING` commands are waiting, so that this one is lost.
        """
        with self._changed:
            if self._closed:
                return True
            self._drop_superseded(command)
            if len(self._waiting) >= MAX_WAITING:
                return False
            self._waiting.append(command)
            self._changed.notify()
            return True

    def close(self) -> None:
        """Close the pipe after the waiting commands; it never waits."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _drop_superseded(self, command: Command) -> None:
        """Remove the waiting commands without an effect once `command` follows.

        The new command is appended and does not take their place: the numbers of orders must not decrease.
        """
        if command.verb in SETTINGS:
            self._waiting = deque(each for each in self._waiting if each.verb != command.verb)
        elif command.verb in SWITCHES:
            last = next((each for each in reversed(self._waiting) if each.verb in ORDERS), None)
            if last is not None and last.verb in SWITCHES:
                self._waiting = deque(each for each in self._waiting if each is not last)

    def _write(self) -> None:
        with suppress(OSError, ValueError):  # the process has ended; its reader sees that, too
            while (command := self._next()) is not None:
                send(self._pipe, command)
        with self._changed:
            self._closed = True
            self._waiting.clear()
        with suppress(OSError, ValueError):
            self._pipe.close()

    def _next(self) -> Command | None:
        """Wait for a command and take it; None once the outbox is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            return self._waiting.popleft() if self._waiting else None
