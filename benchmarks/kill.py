"""kill -9 at random moments: measures the lost time, and checks that a resumed run ends exactly the same.

    python -m benchmarks.kill --moments 50

It starts a server with one run, and after a random time kills the worker, the server or both. Then it checks the store
and resumes the run to its end: everything must be equal to an uninterrupted run.
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
LATEST = 1.2  # seconds after the first report

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
def serving(store: Store, config: RunConfig) -> Iterator[tuple[str, int, int]]:
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


def interrupt(store: Store, config: RunConfig, victim: str, moment: float) -> tuple[str, float]:
    """Start a run, kill the victim after `moment` seconds, and wait until no process trains the run.

    Returns:
        the run's id, and the seconds of training that are not in the store.
    """
    with serving(store, config) as (run_id, worker, server):
        time.sleep(moment)
        killed = time.time()
        for pid in {"worker": [worker], "server": [server], "both": [server, worker]}[victim]:
            kill(pid)
        while _runs(worker):
            time.sleep(0.002)
    found = store.load_about(run_id)
    assert found is not None
    return run_id, max(0.0, killed - found.updated) if found.state == states.INTERRUPTED else 0.0


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):  # it may have ended before
        os.kill(pid, signal.SIGKILL)


def checked(store: Store) -> None:
    """Check that the file opens and is not damaged."""
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def resumed(manager: Manager, run_id: str) -> Record:
    """Return the run after another server has trained it to its end."""
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


def differences(one: Record, other: Record) -> list[str]:
    """Return the names of the results of two runs that are not exactly equal."""
    first, second = pack(one), pack(other)
    found = [
        name for name in first["series"] if not np.array_equal(*_both(first, second, "series", name), equal_nan=True)
    ]
    for name in ("flat", "trained", "best"):
        if not np.array_equal(*_both(first, second, "checkpoint", name)):
            found.append(name)
    found += [name for name in ("step", "vigil") if first["checkpoint"][name] != second["checkpoint"][name]]
    found += [name for name in ("state", "reason", "figures") if first["about"][name] != second["about"][name]]
    return found


def _both(first: dict, second: dict, part: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    return first[part][name], second[part].get(name, np.empty(0))


def _runs(pid: int) -> bool:
    """Whether a process has a living thread: until its last thread ends, its files stay open."""
    return any(_state(thread) not in "ZX" for thread in Path(f"/proc/{pid}/task").glob("*/stat"))


def _state(stat: Path) -> str:
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "X"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moments", type=int, default=50, help="the number of kills of each: worker, server, both")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "runs.sqlite")
        manager = Manager(spare=False, store=store)
        whole = resumed(manager, manager.start(CONFIG).id)
        for victim in VICTIMS:
            losses, wrong = [], []
            for _ in range(options.moments):
                run_id, lost = interrupt(store, CONFIG, victim, draw.uniform(0.0, LATEST))
                losses.append(lost)
                checked(store)
                wrong += differences(whole, resumed(manager, run_id))
            print(
                f"{victim:7} {options.moments} times: lost {statistics.median(losses):.2f} s in the median, "
                f"{max(losses):.2f} s at most; differs afterwards: {', '.join(wrong) or 'nothing'}",
                flush=True,
            )
        manager.close()


if __name__ == "__main__":
    main()
