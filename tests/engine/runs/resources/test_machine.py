"""The free memory and the memory of a process, compared with what the kernel and a real process show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runs.resources import machine

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads files of the Linux kernel")

HOLDS_MEMORY = """
import sys
block = bytearray(200_000_000)
block[::4096] = b"x" * len(block[::4096])
print("ready", flush=True)
sys.stdin.read()
"""


@linux
def test_the_free_memory_is_at_most_what_the_kernel_calls_available():
    available = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    assert 0 < machine.free_memory() <= int(available.split()[1]) * 1024


@linux
def test_the_memory_of_a_process_is_what_it_has_written():
    process = subprocess.Popen([sys.executable, "-c", HOLDS_MEMORY], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"ready\n"
        assert 200_000_000 < machine.own_memory(process.pid) < 260_000_000
    finally:
        process.communicate()
    assert machine.own_memory(process.pid) is None, "it has ended"


@linux
@pytest.mark.parametrize(("limit", "expected"), [("300000", 300_000 - 100_000 + 40_000), ("max", None)])
def test_the_limit_of_a_container_counts(tmp_path, monkeypatch, limit, expected):
    group = Path("/proc/self/cgroup").read_text().splitlines()
    name = next((line.removeprefix("0::/") for line in group if line.startswith("0::/")), None)
    if name is None:
        pytest.skip("this system has no control groups of version 2")
    folder = tmp_path / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text("100000\n")
    (folder / "memory.stat").write_text("anon 60000\ninactive_file 40000\n")
    without = machine.free_memory()
    monkeypatch.setattr(machine, "CGROUPS", tmp_path)
    assert machine.free_memory() == expected if expected else machine.free_memory() > without / 2


def test_a_system_that_reports_nothing_refuses_nothing(monkeypatch):
    monkeypatch.setattr(machine, "_numbers", lambda path: {})
    monkeypatch.delattr(os, "sysconf", raising=False)
    if sys.platform != "win32":
        assert machine.free_memory() == machine.UNKNOWN
