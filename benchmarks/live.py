"""Measures the cost of watching a run: `python -m benchmarks.live [--json FILE]`.

The same run is watched and unwatched in turns, so that noise of the machine affects both. The results are medians of
ratios. The viewer is a WebSocket client on this machine that confirms every frame immediately, so that it receives as
many frames as possible. If Chromium is installed, the frames that the page draws are counted, too.
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
from dashboard.live.hub import close_hub, get_hub
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
SECONDS = 5.0  # several epochs, so that every turn has about the same number of measurements


def serve(port: int) -> uvicorn.Server:
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes()), port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.02)
    return server


class InstantViewer:
    """A viewer that confirms every frame immediately."""

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


def wait_for_report(run: Run) -> tuple[float, int]:
    """Wait for the next report; return its time and step."""
    reported = threading.Event()
    remove_listener = run.add_listener(reported.set)
    reported.wait(5)
    remove_listener()
    return time.perf_counter(), run.telemetry.step


def updates_per_second(run: Run, seconds: float) -> float:
    """Return the updates per second between two reports of the worker."""
    start_time, first_step = wait_for_report(run)
    time.sleep(seconds)
    end_time, last_step = wait_for_report(run)
    return (last_step - first_step) / (end_time - start_time)


def measure(config: RunConfig, rounds: int, port: int) -> dict[str, float]:
    hub = get_hub()
    run = hub.manager.start(config)
    while run.telemetry.step == 0:
        if run.state in states.FINAL:
            raise click.ClickException(f"the run has {run.state}: {run.reason}")
        time.sleep(0.05)
    time.sleep(1)
    watched, unwatched, frames, frame_bytes = [], [], [], []
    unwatched.append(updates_per_second(run, SECONDS))
    for _ in range(rounds):
        viewer = InstantViewer(run, port)
        time.sleep(0.5)
        start_time, before = time.perf_counter(), (viewer.frames, viewer.bytes)
        watched.append(updates_per_second(run, SECONDS))
        frame_count = viewer.frames - before[0]
        frames.append(frame_count / (time.perf_counter() - start_time))
        frame_bytes.append((viewer.bytes - before[1]) / max(1, frame_count))
        viewer.close()
        time.sleep(0.5)
        unwatched.append(updates_per_second(run, SECONDS))
    hub.manager.stop(run)
    return {
        "unwatched_steps_per_second": statistics.median(unwatched),
        "watched_steps_per_second": statistics.median(watched),
        # each watched turn is compared with the mean of the unwatched turns before and after it
        "ratio": statistics.median(
            2 * w / (before + after) for w, before, after in zip(watched, unwatched[:-1], unwatched[1:], strict=True)
        ),
        "frames_per_second": statistics.median(frames),
        "bytes_per_frame": statistics.median(frame_bytes),
    }


@click.command()
@click.option("--rounds", default=7, help="The number of turns, unwatched and watched.")
@click.option("--port", default=8741)
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to this file."
)
def main(rounds: int, port: int, json_file: Path | None) -> None:
    """Print updates per second, watched and unwatched, and frames per second in the page."""
    server = serve(port)
    results: dict[str, object] = {}
    try:
        for name, config in CONFIGS.items():
            measurements = results[name] = measure(config, rounds, port)
            click.echo(
                f"{name}: " + ", ".join(f"{key.replace('_', ' ')} {value:,.3g}" for key, value in measurements.items())
            )
    finally:
        server.should_exit = True
        close_hub()
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
