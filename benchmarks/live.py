"""The cost of watching a run: `python -m benchmarks.live [--json FILE]`.

Watched and unwatched runs of the same config take turns, so that a noisy machine disturbs both
alike; the medians of the ratios are quoted. The viewer is a WebSocket client on this machine that
says "drawn" at once, so that it gets as many frames as any viewer can. With Chromium installed, the
frames that the real page draws are counted too.
"""

from __future__ import annotations

import json
import shutil
import statistics
import threading
import time
from contextlib import suppress
from pathlib import Path

import click
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.page import frames_per_second
from dashboard.live.hub import close_the_hub, the_hub
from dashboard.live.routes import routes, socket_url
from dashboard.live.single_run import SingleRun
from engine import RunConfig
from engine.runs import states
from engine.runs.server.run import Run

CONFIGS = {
    "demonstration, 64-100-10, batch 10": RunConfig.demo(epochs=1_000_000),
    "mnist shape, 784-100-10, batch 10": RunConfig.demo(
        dataset="mnist", train_size=5_000, label_noise=0.0, l2=0.5, epochs=1_000_000
    ),
}
SECONDS = 5.0  # several epochs, so that their measurements weigh the same in each turn


def serve(port: int) -> uvicorn.Server:
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes()), port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.02)
    return server


class Watcher:
    """A viewer that spends no time on drawing."""

    def __init__(self, run: Run, port: int) -> None:
        self.frames = self.bytes = 0
        self._socket = connect(f"ws://127.0.0.1:{port}{socket_url(SingleRun(run))}", max_size=None)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        with suppress(ConnectionClosed):
            for message in self._socket:
                self.frames += 1
                self.bytes += len(message)
                self._socket.send("{}")

    def close(self) -> None:
        self._socket.close()
        self._thread.join(2)


def at_report(run: Run) -> tuple[float, int]:
    """Return the time and the step of the next report; an unwatched worker reports twice a second."""
    reported = threading.Event()
    end = run.add_listener(reported.set)
    reported.wait(5)
    end()
    return time.perf_counter(), run.telemetry.step


def pace(run: Run, seconds: float) -> float:
    """Return the updates per second between two reports of the worker."""
    began, first = at_report(run)
    time.sleep(seconds)
    ended, last = at_report(run)
    return (last - first) / (ended - began)


def measure(config: RunConfig, rounds: int, port: int) -> dict[str, float]:
    hub = the_hub()
    run = hub.manager.start(config)
    while run.telemetry.step == 0:
        if run.state in states.FINAL:
            raise click.ClickException(f"the run has {run.state}: {run.reason}")
        time.sleep(0.05)
    time.sleep(1)
    watched, unwatched, frames, sizes = [], [], [], []
    unwatched.append(pace(run, SECONDS))
    for _ in range(rounds):
        watcher = Watcher(run, port)
        time.sleep(0.5)
        began, before = time.perf_counter(), (watcher.frames, watcher.bytes)
        watched.append(pace(run, SECONDS))
        drawn = watcher.frames - before[0]
        frames.append(drawn / (time.perf_counter() - began))
        sizes.append((watcher.bytes - before[1]) / max(1, drawn))
        watcher.close()
        time.sleep(0.5)
        unwatched.append(pace(run, SECONDS))
    hub.manager.stop(run)
    return {
        "unwatched_steps_per_second": statistics.median(unwatched),
        "watched_steps_per_second": statistics.median(watched),
        # each watched turn is compared with the mean of the unwatched turns before and after it
        "ratio": statistics.median(
            2 * w / (before + after) for w, before, after in zip(watched, unwatched[:-1], unwatched[1:], strict=True)
        ),
        "frames_per_second": statistics.median(frames),
        "bytes_per_frame": statistics.median(sizes),
    }


@click.command()
@click.option("--rounds", default=7, help="The number of turns, unwatched and watched.")
@click.option("--port", default=8741)
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to this file, too."
)
def main(rounds: int, port: int, json_file: Path | None) -> None:
    """Print updates per second, watched and unwatched, and frames per second in the page."""
    server = serve(port)
    results: dict[str, object] = {}
    try:
        for name, config in CONFIGS.items():
            found = results[name] = measure(config, rounds, port)
            click.echo(f"{name}: " + ", ".join(f"{key.replace('_', ' ')} {value:,.3g}" for key, value in found.items()))
    finally:
        server.should_exit = True
        close_the_hub()
    if shutil.which("chromium"):
        page = results["page"] = frames_per_second()
        click.echo("page in Chromium: " + ", ".join(f"{key} {value:.3g}" for key, value in page.items()))
        plane = results["page, two spirals"] = frames_per_second(dataset="Two spirals")
        click.echo("two spirals in Chromium: " + ", ".join(f"{key} {value:.3g}" for key, value in plane.items()))
    else:
        click.echo("page in Chromium: left out, chromium is not installed")
    if json_file:
        json_file.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
