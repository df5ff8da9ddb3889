"""A real server in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from tests.processes import children, free_port, wait_until
from tests.slowing import PATIENCE

ROOT = Path(__file__).parents[2]
STREAMLIT = (sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.headless=true")


class Server:
    """A running server; `{port}` in its command is replaced by `port`, by default a free port.

    Args:
        command: the command that starts the server. folder: its working directory.
        environment: additional environment variables.
    """

    def __init__(
        self,
        *command: str,
        folder: Path = ROOT,
        environment: dict[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the server runs)
        self.process = subprocess.Popen(
            [word.replace("{port}", str(self.port)) for word in command],
            cwd=folder,
            env={**os.environ, "STREAMLIT_SERVER_ADDRESS": "127.0.0.1", **(environment or {})},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until(lambda: self.answers() or self.process.poll() is not None, seconds=60)
            assert self.process.poll() is None, self.output()
        except AssertionError:
            self.close()
            raise

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2 * PATIENCE) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def output(self) -> str:
        """Return everything that the server has printed so far."""
        self._output.seek(0)
        return self._output.read().decode(errors="replace")

    def workers(self) -> list[int]:
        """Return the process ids of the server's workers."""
        found = []
        for pid in children(self.process.pid):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if b"engine.runs.worker" in command:
                found.append(pid)
        return found

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
