"""Helpers that wait for processes and inspect them."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from tests.slowing import PATIENCE


def wait_until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until `condition()` is true.

    Raises:
        AssertionError: if the condition is still false after `seconds` times `PATIENCE`.
    """
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"the condition is still false after {seconds} seconds"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Return whether a process runs; a zombie process does not."""
    try:
        return _stat(pid)[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    """Return the process ids of the running child processes of a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = _stat(int(folder.name))[:2]
        except OSError:
            continue
        if int(parent) == pid and state != "Z":
            found.append(int(folder.name))
    return found


def open_files() -> int:
    """Return the number of open files, pipes and sockets of this process."""
    return len(os.listdir("/proc/self/fd"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the command name: the state, the parent, …"""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
