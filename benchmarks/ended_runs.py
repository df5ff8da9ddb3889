"""How long a board stands still while others look at ended runs: `python -m benchmarks.ended_runs [--json FILE]`.

A server has a run that one viewer watches, and boards of 60 ended runs. Then ten runs are started,
and the board of each is opened. Measured before and during the starts: the time between two frames of the watched run,
how late the event loop of the server is, and how long an order waits for the locks of the hub and of the manager.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from engine import RunConfig
from engine.runs.store.record import new_id
from engine.runs.store.store import Store
from engine.runs.worker.headless import HeadlessRun
from tests.processes import free_port

ENDED = RunConfig.demo(hidden=(200,), epochs=40)  # 1 MB of keyframes each
WATCHED_PACE = 125.0  # updates a second
PANELS = "&panels=cost,accuracy,weights,dropout"  # in sight at 1280 × 720
LIMIT = 0.1  # seconds that a board may stand still, beside the usual time between two frames
USUAL = 1 / 12  # seconds between two reports of a worker

# A server without pages: the live routes, and a manager that obeys the lines on standard input.
SERVER = """
import asyncio, json, sys, threading, time
import uvicorn
from pathlib import Path
from starlette.applications import Starlette
from dashboard.live import hub as hubs
from dashboard.live.routes import routes, socket_url
from dashboard.live.single_run import SingleRun
from engine import RunConfig
from engine.runs.server.manager import Manager
from engine.runs.store.store import Store

hub = hubs._hub = hubs.Hub(Manager(store=Store(Path(sys.argv[1]))))
late, waits = [], []

async def probe_loop():
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.01)
        late.append(time.perf_counter() - began - 0.01)

def probe_locks(run):
    with hub.register_viewer(SingleRun(run)) as subscription:
        while True:
            time.sleep(0.01)
            began = time.perf_counter()
            subscription.set_panels(["cost"] if "weights" in subscription.panels else ["cost", "weights"])
            waits.append(time.perf_counter() - began)

server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes()), port=int(sys.argv[2]), log_level="error"))

async def serve():
    probe = asyncio.create_task(probe_loop())
    await server.serve()

threading.Thread(target=asyncio.run, args=(serve(),), daemon=True).start()
while not server.started:
    time.sleep(0.01)
print("started", flush=True)
for line in sys.stdin:
    order, *rest = json.loads(line)
    if order == "start":
        config, pace = rest
        answer = socket_url(SingleRun(hub.manager.start(RunConfig.from_dict(config), pace)))
    elif order == "find":
        answer = socket_url(hub.find(rest[0]))
    elif order == "probe":
        threading.Thread(target=probe_locks, args=(hub.manager.start(RunConfig.demo(), 1.0),), daemon=True).start()
        answer = None
    else:
        answer = [max(late, default=0), max(waits, default=0)]
        late.clear()
        waits.clear()
    print(json.dumps(answer), flush=True)
hub.close()
"""


class Server:
    """A server in a process of its own."""

    def __init__(self, store: Path) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(store), str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def ask(self, *order: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def connect(self, path: str) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}{path}{PANELS}", max_size=None, open_timeout=60)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


class Viewer:
    """A viewer that notes when frames arrive and spends no time on drawing."""

    def __init__(self, socket: ClientConnection) -> None:
        self.times: list[float] = []
        self._socket = socket
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with suppress(ConnectionClosed):
            for _ in self._socket:
                self.times.append(time.perf_counter())
                self._socket.send('{"drawn": true}')

    def gaps(self, began: float, ended: float) -> list[float]:
        """Return the seconds between two frames in a period; a frame that has not arrived ends with it."""
        times = [began, *(moment for moment in self.times if began < moment < ended), ended]
        return [late - early for early, late in pairwise(times)]


def ended_runs(store: Store, count: int, config: RunConfig = ENDED) -> list[str]:
    """Keep copies of one ended run; return their ids."""
    run = HeadlessRun(config, store.path)
    for _ in run.train():
        pass
    record = store.load(run.id)
    assert record is not None
    ids = [new_id() for _ in range(count)]
    for run_id in ids:
        store.save(replace(record, about=replace(record.about, id=run_id)))
    return ids


@contextmanager
def serving(count: int) -> Iterator[tuple[Server, list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "runs.sqlite")
        ids = ended_runs(store, count)
        server = Server(store.path)
        try:
            yield server, ids
        finally:
            server.close()


def measure(runs: int, starts: int) -> dict[str, dict[str, float]]:
    """Return the measurements before and during the starts."""
    found = {}
    with serving(runs) as (server, ids), ExitStack() as sockets:
        watched = sockets.enter_context(
            server.connect(server.ask("start", RunConfig.demo(epochs=100_000).to_dict(), WATCHED_PACE))
        )
        viewer = Viewer(watched)
        for run_id in ids:
            socket = sockets.enter_context(server.connect(server.ask("find", run_id)))
            socket.recv()
        server.ask("probe")
        time.sleep(3)
        server.ask("take")
        began = time.perf_counter()
        time.sleep(10)
        found["before"] = _summary(viewer.gaps(began, time.perf_counter()), server.ask("take"))
        began = time.perf_counter()
        for seed in range(starts):
            board = sockets.enter_context(
                server.connect(server.ask("start", RunConfig.demo(seed=seed).to_dict(), None))
            )
            board.recv()
            time.sleep(1)
        found["during"] = _summary(viewer.gaps(began, time.perf_counter()), server.ask("take"))
    return found


def _summary(gaps: list[float], server: list[float]) -> dict[str, float]:
    return {
        "median s between frames": statistics.median(gaps),
        "longest s between frames": max(gaps),
        "frames later than allowed": sum(gap > USUAL + LIMIT for gap in gaps),
        "event loop late by s, at most": server[0],
        "order waits for locks s, at most": server[1],
    }


@click.command()
@click.option("--runs", default=60, help="The number of ended runs that are looked at.")
@click.option("--starts", default=10, help="The number of runs that are started then.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to this file, too."
)
def main(runs: int, starts: int, json_file: Path | None) -> None:
    """Print how long the board of one run stands still while others start runs."""
    results = measure(runs, starts)
    for name in results["before"]:
        click.echo(
            f"{name}: {results['before'][name]:.3g} before, {results['during'][name]:.3g} during {starts} starts"
        )
    if json_file:
        json_file.write_text(json.dumps(results, indent=1) + "\n")
    if results["during"]["frames later than allowed"]:
        sys.exit(f"goal missed: no frame may come more than {LIMIT:g} s later than usual")


if __name__ == "__main__":
    main()
