"""The free memory of this machine, and the memory of a process."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

UNKNOWN = 1 << 62  # bytes; returned where the system reports nothing, so that nothing is refused
CGROUPS = Path("/sys/fs/cgroup")  # the memory limits of containers and services, version 2


def free_memory() -> int:
    """Return the bytes that new programs can use; `UNKNOWN` where the system does not report them.

    Caches that the system gives back on demand count as free. The limit of a container counts, too. macOS reports the
    whole memory only.
    """
    if sys.platform == "win32":
        return _free_memory_of_windows()
    meminfo = _numbers(Path("/proc/meminfo"))
    if "MemAvailable" in meminfo:
        return min([meminfo["MemAvailable"] * 1024, *_free_memory_of_cgroups()])
    for pages in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):
        with suppress(AttributeError, ValueError, OSError):
            return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")
    return UNKNOWN


def own_memory(pid: int) -> int | None:
    """Return the bytes of memory of a process, without mapped files, which the system can give back.

    None where the system does not report them; Linux does.
    """
    kilobytes = _numbers(Path(f"/proc/{pid}/status")).get("RssAnon")
    return None if kilobytes is None else kilobytes * 1024


def _numbers(path: Path) -> dict[str, int]:
    """Return the lines of a file of the Linux kernel, such as "MemAvailable:  123 kB", as numbers by name."""
    found = {}
    with suppress(OSError):
        for line in path.read_text().splitlines():
            name, *values = line.replace(":", " ").split()
            if values and values[0].isdecimal():
                found[name] = int(values[0])
    return found


def _free_memory_of_cgroups() -> Iterator[int]:
    """Yield what each group of processes that contains this one may still use; nothing without a limit."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        if line.startswith("0::/"):
            folder = CGROUPS / line.removeprefix("0::/")
            for group in (folder, *folder.parents):
                if CGROUPS in (group, *group.parents):
                    with suppress(OSError, ValueError):  # no limit is the word "max"
                        limit = int((group / "memory.max").read_text())
                        used = int((group / "memory.current").read_text())
                        cache = _numbers(group / "memory.stat").get("inactive_file", 0)
                        yield max(0, limit - used + cache)


def _free_memory_of_windows() -> int:
    class Status(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = [
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *[
                (name, ctypes.c_ulonglong)
                for name in ("total", "available", "total_page", "page", "total_virtual", "virtual", "extended")
            ],
        ]

    status = Status(length=ctypes.sizeof(Status))
    windll = getattr(ctypes, "windll", None)
    if windll is None or not windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return UNKNOWN
    return int(status.available)
