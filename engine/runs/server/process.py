"""The process of a worker, with its pipes to the server.

A worker is a new interpreter and not a `multiprocessing` process, because spawn would import the main module of
the server with Streamlit in every worker (docs/decisions/0002-workers.md).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from typing import BinaryIO, cast

from engine.runs.messages import Command, Report
from engine.runs.worker.channel import receive, send


class Process:
    """The process of a worker.

    Raises:
        OSError: if no process can be created.
    """

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process)
        self._lock = threading.Lock()
        self.popen = subprocess.Popen(
            # -P: a `random.py` in the current folder must not replace the one of the standard library
            [sys.executable, "-P", "-m", "engine.runs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def send(self, command: Command) -> None:
        """Send a command. It is lost if the process has ended; `receive` then raises `EOFError`."""
        with self._lock, suppress(OSError, ValueError):
            send(cast(BinaryIO, self.popen.stdin), command)

    def receive(self) -> Report:
        """Wait for the next report and return it. Raises `EOFError` if the process has ended."""
        report = receive(cast(BinaryIO, self.popen.stdout))
        assert isinstance(report, Report)
        return report

    def close_input(self) -> None:
        """Close the input of the worker, which ends the worker."""
        with suppress(OSError):
            cast(BinaryIO, self.popen.stdin).close()

    def close(self, timeout: float = 2.0) -> None:
        """Close the input of the worker; kill the process if it has not ended after `timeout` seconds."""
        with self._lock:
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
        status = f"signal {-code}" if code < 0 else f"exit code {code}"
        lines = self.read_error_output().splitlines()
        return f"its process ended unexpectedly ({status})" + (f": {lines[-1]}" if lines else "")
