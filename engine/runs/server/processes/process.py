"""The process of a worker, with its pipes to the server.

A worker is a new interpreter and not a `multiprocessing` process, because spawn would import the main module of
the server with Streamlit in every worker (docs/decisions/0002-workers.md).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import BinaryIO, cast

from engine.runs.messages import ORDERS, Command, Heartbeat, Report, Verb
from engine.runs.server.processes.outbox import Outbox
from engine.runs.worker.channel import receive

CLOSE_TIMEOUT = 2.0  # seconds until workers that have not ended by themselves are killed


class Process:
    """The process of a worker.

    Raises:
        OSError: if no process can be created.

    Attributes:
        silent_checks: the number of checks of `silence.SilenceWatch` since its last message.
        unanswered_checks: the number of these checks for which an order has waited for its answer.
        ready: whether it has sent a message, so that its interpreter has started.
        has_reported: whether it has sent a report, so that its data are loaded.
        last_order: the last order that was sent.
        kill_reason: why the server killed it; None if it did not.
    """

    def __init__(self) -> None:
        self.silent_checks, self.unanswered_checks = 0, 0
        self.ready = self.has_reported = False
        self.last_order: Verb | None = None
        self.kill_reason: str | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process)
        self.popen = subprocess.Popen(
            # -P: a `random.py` in the current folder must not replace the one of the standard library
            [sys.executable, "-P", "-m", "engine.runs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self._outbox = Outbox(cast(BinaryIO, self.popen.stdin))

    def send(self, command: Command) -> None:
        """Send a command without waiting. A process that reads no commands is killed if too many are waiting.

        The command is lost if the process has ended; `receive` then raises `EOFError`.
        """
        if command.verb in ORDERS:
            self.last_order = command.verb
        if not self._outbox.put(command):
            self.kill("its process did not read its orders")

    def receive(self) -> Report:
        """Wait for the next report and return it. Raises `EOFError` if the process has ended."""
        while True:
            message = receive(cast(BinaryIO, self.popen.stdout))
            self.silent_checks, self.ready = 0, True
            if not isinstance(message, Heartbeat):
                assert isinstance(message, Report)
                self.has_reported = True
                return message

    def kill(self, reason: str) -> None:
        """End the process at once, even if it is stopped; `receive` then raises `EOFError`."""
        self.kill_reason = self.kill_reason or reason
        self.popen.kill()

    def close_input(self) -> None:
        """Close the input of the worker without waiting, which ends the worker."""
        self._outbox.close()

    def close(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """Close the input of the worker; kill the process if it has not ended after `timeout` seconds."""
        self.close_input()
        try:
            self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def close_files(self) -> None:
        """Close the output files, after everything was read.

        A run stays in memory after its process has ended.
        """
        cast(BinaryIO, self.popen.stdout).close()
        self._errors.close()

    def read_error_output(self) -> str:
        """Return the last 4,000 bytes of the error output, such as a traceback."""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 4_000))
        return self._errors.read().decode(errors="replace").strip()

    def describe_end(self) -> str:
        """Return why the process ended: signal or exit code, and the last line of the error output."""
        code = self.popen.wait()
        if self.kill_reason is not None:
            return self.kill_reason
        status = f"signal {-code}" if code < 0 else f"exit code {code}"
        lines = self.read_error_output().splitlines()
        return f"its process ended unexpectedly ({status})" + (f": {lines[-1]}" if lines else "")


def close_all(processes: Sequence[Process]) -> None:
    """Close the inputs of several workers; kill those that have not ended after `CLOSE_TIMEOUT` seconds."""
    for process in processes:
        process.close_input()  # all inputs first, so that the processes end in parallel
    end = time.monotonic() + CLOSE_TIMEOUT
    for process in processes:
        process.close(max(0.0, end - time.monotonic()))
