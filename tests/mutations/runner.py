"""Runs the tests on a copy of the tree in which one file is changed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.mutations.mutation import Mutation
from tests.mutations.selection import stages

NOTICED, SURVIVED, UNCLEAR = "noticed", "SURVIVED", "unclear"
PARTS = ("engine", "dashboard", "benchmarks", "docs", "tests", ".streamlit", ".ci", "pyproject.toml", "README.md")
PYTEST = ("-m", "pytest", "-v", "-p", "no:cacheprovider", "--no-header", "-n0")


class Copy:
    """A copy of the tree in which one mutation at a time is tried."""

    def __init__(self, root: Path, folder: Path, timeout: float) -> None:
        self.folder = folder
        self.timeout = timeout  # seconds for the tests of one stage
        self._mtime = 1  # new for every changed file, so that Python uses no compiled file of another mutation
        for part in PARTS:
            if (root / part).is_dir():
                shutil.copytree(root / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(root / part, folder / part)

    def try_out(self, mutation: Mutation, quick: bool = False) -> tuple[str, str]:
        """Return the result of a mutation and the test that noticed it; `quick` runs the first stage only."""
        marks = "not slow and not browser" if mutation.file.endswith(".py") else ""
        self._write(mutation.file, mutation.mutated)
        try:
            for tests in stages(self.folder, mutation.file)[: 1 if quick else None]:
                failed, hung = self.failures(tests, marks)
                if hung and not any(self.failures([hung], marks)):
                    return UNCLEAR, f"the tests take longer than {self.timeout:g} s"
                if failed or hung:
                    return NOTICED, hung or failed[0]
        finally:
            self._write(mutation.file, mutation.original)
        return SURVIVED, ""

    def _write(self, file: str, text: str) -> None:
        self._mtime += 1
        (self.folder / file).write_text(text, encoding="utf-8")
        os.utime(self.folder / file, (self._mtime, self._mtime))

    def failures(self, tests: list[str], marks: str = "", first_only: bool = True) -> tuple[list[str], str]:
        """Return the tests that fail, and the test that was running at the timeout or ""."""
        if not tests:
            return [], ""
        command = [sys.executable, "-P", *PYTEST, "-m", marks, *(["-x"] if first_only else []), *tests]
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            command, cwd=self.folder, env=environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            output, _ = process.communicate(timeout=self.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            started = re.findall(r"^(\S+\.py::.*?) (?!.*(?:PASSED|SKIPPED|XFAIL))", output, re.MULTILINE)
            return [], started[-1] if started else tests[0]
        if process.returncode in (0, 5):  # 5: no test is selected
            return [], ""
        found = re.findall(r"^(?:FAILED|ERROR) (\S+?\.py(?:::.*?)?)(?: - .*)?$", output, re.MULTILINE)
        return found or [f"pytest ended with {process.returncode}"], ""
