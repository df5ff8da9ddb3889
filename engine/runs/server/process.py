"""A worker's process, seen from the server.

A worker is a fresh interpreter and not a `multiprocessing` process: spawn would load the server's
own command, and with it all of Streamlit, into every worker (docs/decisions/0002-workers.md).
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
    """A worker's process: its pipes, and what it last said on its error output.

    Raises:
        OSError: when no process can be created.
    """

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the process)
        self._lock = threading.Lock()
        self.popen = subprocess.Popen(
            # -P: a `random.py` in the folder where the dashboard was started must not be imported
            [sys.executable, "-P", "-m", "engine.runs.worker.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def send(self, command: Command) -> None:
        """Tell the worker; a worker that is gone hears nothing, and its end is told by `receive`."""
        with self._lock, suppress(OSError, ValueError):
            send(cast(BinaryIO, self.popen.stdin), command)

    def receive(self) -> Report:
        """The next report. Raises `EOFError` when the process has ended."""
        report = receive(cast(BinaryIO, self.popen.stdout))
        assert isinstance(report, Report)
        return report

    def close(self, patience: float = 2.0) -> None:
        """End it: it ends by itself when its input closes, and is killed when it does not."""
        with self._lock, suppress(OSError):
            cast(BinaryIO, self.popen.stdin).close()
        try:
            self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def release(self) -> None:
        """Close its other files, once all has been read from them: an ended run is kept for long."""
        cast(BinaryIO, self.popen.stdout).close()
        self._errors.close()

    def written(self) -> str:
        """The end of what it wrote on its error output: the traceback, where it broke."""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 4_000))
        return self._errors.read().decode(errors="replace").strip()

    def last_words(self) -> str:
        """Why it ended, for a person: the signal or exit code, and the last line it wrote."""
        code = self.popen.wait()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        lines = self.written().splitlines()
        return f"its process ended unexpectedly ({how})" + (f": {lines[-1]}" if lines else "")
