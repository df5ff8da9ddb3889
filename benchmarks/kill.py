"""Kills processes at random moments, measures the lost time and checks the resumed runs.

    python -m benchmarks.kill --moments 50

The program starts a server with one run, and kills the worker, the server or both after a random time. Then it checks
the store and resumes the run to its end. All results must be equal to those of an uninterrupted run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from engine import RunConfig
from engine.runs import states
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run
from engine.runs.store.packing import pack
from engine.runs.store.record import Record
from engine.runs.store.store import Store

VICTIMS = ("worker", "server", "both")
# 20,000 updates: one to two seconds
CONFIG = RunConfig.demo(epochs=400, stop_on="accuracy", patience=400, halve_after=100)
MAX_MOMENT = 1.2  # seconds after the first report

# The part of a server that its workers need: a manager in its own process.
SERVER = """
import json, sys, time
from pathlib import Path
from engine import RunConfig
from engine.runs.server.manager import Manager
from engine.runs.store.store import Store

manager = Manager(spare=False, store=Store(Path(sys.argv[1])))
run = manager.start(RunConfig.from_dict(json.loads(sys.argv[2])))
while not run.telemetry.snapshots:
    time.sleep(0.001)
print(run.id, run.process.popen.pid, flush=True)
time.sleep(60)
"""


@contextmanager
def running_server(store: Store, config: RunConfig) -> Iterator[tuple[str, int, int]]:
    """Start a server with a run that trains; yield the run's id and the process ids of worker and server."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(store.path), json.dumps(config.to_dict())], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        run_id, worker = process.stdout.readline().split()
        yield run_id, int(worker), process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def kill_at_moment(store: Store, config: RunConfig, victim: str, moment: float) -> tuple[str, float]:
    """Start a run, kill the victim after `moment` seconds, and wait until no process trains the run.

    Returns:
        the run's id, and the seconds of training that are not in the store.
    """
    with running_server(store, config) as (run_id, worker, server):
        time.sleep(moment)
        killed = time.time()
        for pid in {"worker": [worker], "server": [server], "both": [server, worker]}[victim]:
            kill(pid)
        while _is_alive(worker):
            time.sleep(0.002)
    about = store.load_about(run_id)
    assert about is not None
    return run_id, max(0.0, killed - about.updated) if about.state == states.INTERRUPTED else 0.0


def kill(pid: int) -> None:
    """Send SIGKILL to a process."""
    with suppress(ProcessLookupError):  # it may have ended already
        os.kill(pid, signal.SIGKILL)


def check_file(store: Store) -> None:
    """Check that the file of a store can be opened and is not damaged."""
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def resume_to_end(manager: Manager, run_id: str) -> Record:
    """Train a run to its end with another manager; return its record."""
    run = manager.get(run_id)
    assert isinstance(run, Run)
    if run.state == states.INTERRUPTED:
        manager.resume(run)
    deadline = time.monotonic() + 60
    while run.state not in states.FINAL:
        assert time.monotonic() < deadline, run.state
        time.sleep(0.005)
    assert manager.store is not None
    record = manager.store.load(run_id)
    assert record is not None
    return record


def differing_results(one: Record, other: Record) -> list[str]:
    """Return the names of the results that are not exactly equal."""
    first, second = pack(one), pack(other)
    names = [
        name
        for name in first["series"]
        if not np.array_equal(*_both_values(first, second, "series", name), equal_nan=True)
    ]
    for name in ("flat", "trained", "best"):
        if not np.array_equal(*_both_values(first, second, "checkpoint", name)):
            names.append(name)
    names += [name for name in ("step", "vigil") if first["checkpoint"][name] != second["checkpoint"][name]]
    names += [name for name in ("state", "reason", "figures") if first["about"][name] != second["about"][name]]
    return names


def _both_values(first: dict, second: dict, part: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    return first[part][name], second[part].get(name, np.empty(0))


def _is_alive(pid: int) -> bool:
    """Return whether a process has a living thread. Its files are open until the last thread ends."""
    return any(_thread_state(thread) not in "ZX" for thread in Path(f"/proc/{pid}/task").glob("*/stat"))


def _thread_state(stat: Path) -> str:
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "X"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=50, help="the number of kills of each: worker, server, both")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "runs.sqlite")
        manager = Manager(spare=False, store=store)
        expected = resume_to_end(manager, manager.start(CONFIG).id)
        for victim in VICTIMS:
            losses, differing_names = [], []
            for _ in range(options.moments):
                run_id, lost_seconds = kill_at_moment(store, CONFIG, victim, rng.uniform(0.0, MAX_MOMENT))
                losses.append(lost_seconds)
                check_file(store)
                differing_names += differing_results(expected, resume_to_end(manager, run_id))
            print(
                f"{victim:7} {options.moments} times: lost {statistics.median(losses):.2f} s in the median, "
                f"{max(losses):.2f} s at most; differs afterwards: {', '.join(differing_names) or 'nothing'}",
                flush=True,
            )
        manager.close()


if __name__ == "__main__":
    main()
