"""A hundred viewers of one run: `python -m benchmarks.viewers [--viewers 100] [--rounds 3] [--json FILE]`.

A real server has one run, first at a pace and then at full speed. In turns, one viewer and all viewers watch it over
WebSockets, and then all viewers together with a slow one, which needs 5 s for each frame. The viewers are in a process
of their own. Each counts its frames and measures how old they are: the time since the worker reported the step that
the frame shows. The command exits with 1 if a goal is missed.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import re
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import click
from playwright.sync_api import sync_playwright
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks.stopped_worker import open_page
from tests.browser.board import number, press, until
from tests.browser.conftest import CHROMIUM, Server

PACES = ("125/s", "full")  # names on the page: its default, and the most work for the machine
PANELS = "cost,accuracy,weights,dropout"  # in sight at 1280 × 720
SLOW_SECONDS = 5.0  # of the slow viewer for each frame
WARM_UP = 3.0  # seconds from the last connection to the measurement; a connection costs a complete frame

GOAL_RATE = 10.0  # frames a second that a viewer should get
GOAL_SHARE = 0.95  # of those frames, for the viewer with the fewest
GOAL_LATENCY = 0.25  # seconds, 95th percentile over all frames of all viewers
GOAL_SPEED = 0.8  # of the run's speed with one viewer
# Of the figures without the slow viewer. Two equal turns differ by about this much on a busy machine.
GOAL_UNCHANGED = 0.1

MEASURED_AT = re.compile(r'"measured_at":([0-9.e+]+)')
LAST_STEP = re.compile(r'"last":([0-9]+)')


@dataclass
class Received:
    """What one viewer has received.

    Attributes:
        times: when frames arrived, in seconds since 1970.
        reported: when the worker reported the step of each frame, on the same clock.
        steps: the newest step in each frame.
    """

    times: list[float] = field(default_factory=list)
    reported: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def add(self, frame: str, now: float) -> None:
        """Add a frame; a frame without a status has no new step."""
        if (reported := MEASURED_AT.search(frame)) and (step := LAST_STEP.search(frame)):
            self.times.append(now)
            self.reported.append(float(reported[1]))
            self.steps.append(int(step[1]))


@dataclass(frozen=True)
class Figures:
    """The measurements of one turn.

    Attributes:
        frames_per_second: of the viewer with the fewest frames. share: its frames as a share of the different frames
            that all viewers together have received.
        latency_50, latency_95: percentiles over all frames of all viewers, in seconds.
        updates_per_second: the speed of the run.
    """

    frames_per_second: float
    share: float
    latency_50: float
    latency_95: float
    updates_per_second: float


def figures(received: Sequence[Received], seconds: float) -> Figures:
    """Return the measurements of a turn of some seconds."""
    different = {reported for each in received for reported in each.reported}
    fewest = min(len(each.times) for each in received)
    latencies = sorted(
        now - reported for each in received for now, reported in zip(each.times, each.reported, strict=True)
    )
    most = max(received, key=lambda each: len(each.times))
    if len(most.times) < 2:
        raise click.ClickException(f"no viewer received two frames in {seconds:g} s")
    return Figures(
        fewest / seconds,
        fewest / len(different),
        latencies[len(latencies) // 2],
        latencies[int(0.95 * (len(latencies) - 1))],
        (most.steps[-1] - most.steps[0]) / (most.reported[-1] - most.reported[0]),
    )


async def _watch_all(url: str, viewers: int, slow: bool, seconds: float) -> list[Received]:
    received = [Received() for _ in range(viewers)]
    ready, counting = asyncio.Semaphore(10), asyncio.Event()  # ten connections at a time, as pages are opened
    connected = [asyncio.Event() for _ in range(viewers + slow)]

    async def watch(i: int) -> None:
        async with ready:
            socket = await connect(url, max_size=None, open_timeout=60, close_timeout=2)
            first_frame = await socket.recv()
            connected[i].set()
        is_slow = i == viewers
        with suppress(ConnectionClosed):
            frame = first_frame
            while True:
                if counting.is_set() and not is_slow:
                    received[i].add(str(frame), time.time())
                if is_slow:
                    await asyncio.sleep(SLOW_SECONDS)
                await socket.send('{"drawn": true}')
                frame = await socket.recv()

    tasks = [asyncio.create_task(watch(i)) for i in range(viewers + slow)]
    waiting = asyncio.gather(*(event.wait() for event in connected))
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)  # a refused viewer ends its task
    ended = [task for task in tasks if task.done()]
    if not ended:
        await asyncio.sleep(WARM_UP)
        counting.set()
        await asyncio.sleep(seconds)
        counting.clear()
        ended = [task for task in tasks if task.done()]
    for task in (waiting, *tasks):
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    if ended:
        raise click.ClickException(f"{len(ended)} viewers were disconnected: {results[tasks.index(ended[0])]!r}")
    return received


def watch_all(url: str, viewers: int, slow: bool, seconds: float) -> list[Received]:
    """Watch a run with some viewers and perhaps a slow one; return what each of the others has received."""
    return asyncio.run(_watch_all(url, viewers, slow, seconds))


def medians(turns: Sequence[Figures]) -> Figures:
    """Return the median of each measurement."""
    return Figures(*(statistics.median(vars(turn)[name] for turn in turns) for name in Figures.__dataclass_fields__))


def missed_goals(one: Figures, many: Figures, with_slow: Figures) -> list[str]:
    """Return the goals that the medians miss."""
    missed = []
    for figures_, who in ((many, "all viewers"), (with_slow, "all viewers beside a slow one")):
        if figures_.frames_per_second < GOAL_SHARE * GOAL_RATE:
            missed.append(
                f"{who}: {figures_.frames_per_second:.1f} frames a second instead of {GOAL_SHARE * GOAL_RATE:g}"
            )
        if figures_.latency_95 > GOAL_LATENCY:
            missed.append(f"{who}: 95 % of the frames within {1000 * figures_.latency_95:.0f} ms instead of 250 ms")
        if figures_.updates_per_second < GOAL_SPEED * one.updates_per_second:
            ratio = figures_.updates_per_second / one.updates_per_second
            missed.append(f"{who}: the run has {ratio:.2f} of its speed with one viewer instead of {GOAL_SPEED}")
    slower = 1 - with_slow.frames_per_second / many.frames_per_second
    later = with_slow.latency_95 / many.latency_95 - 1
    if slower > GOAL_UNCHANGED:
        missed.append(f"the slow viewer costs the others {slower:.0%} of their frames")
    if later > GOAL_UNCHANGED and with_slow.latency_95 - many.latency_95 > 0.01:
        missed.append(f"the slow viewer makes the frames of the others {later:.0%} older")
    return missed


def start_run(server: Server, pace: str) -> str:
    """Start a long run on the page; return the address of its socket, without panels."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        page, sockets = open_page(browser, f"{server.url}/?epochs=1000000&pace={pace.removesuffix('/s')}")
        press(page, "Start")
        until(lambda: number(page, "step") > 20 and bool(sockets), "the run trains")
        browser.close()
    address, _, query = sockets[-1].partition("?")
    token = next(part for part in query.split("&") if part.startswith("token="))
    return f"{address}?{token}&panels={PANELS}"


def measure(pace: str, viewers: int, rounds: int, seconds: float) -> dict[str, Figures]:
    """Return the medians of the turns of one viewer, of all, and of all beside a slow one."""
    server = Server()
    turns: dict[str, list[Figures]] = {"one": [], "many": [], "with slow": []}
    try:
        url = start_run(server, pace)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            for _ in range(rounds):
                for name, count, slow in (("one", 1, False), ("many", viewers, False), ("with slow", viewers, True)):
                    received = pool.submit(watch_all, url, count, slow, seconds).result()
                    turns[name].append(figures(received, seconds))
    finally:
        server.close()
    return {name: medians(each) for name, each in turns.items()}


@click.command()
@click.option("--viewers", default=100, help="The number of viewers.", show_default=True)
@click.option(
    "--rounds", default=3, help="Turns of one viewer, of all, and of all beside a slow one.", show_default=True
)
@click.option("--seconds", default=20.0, help="The length of a turn.", show_default=True)
@click.option("--pace", type=click.Choice(PACES), multiple=True, default=PACES, help="The pace of the run.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to this file, too."
)
def main(viewers: int, rounds: int, seconds: float, pace: tuple[str, ...], json_file: Path | None) -> None:
    """Print frames, latencies and the speed of a run with one viewer, with many, and with a slow one beside them."""
    results, all_missed = {}, []
    for each in pace:
        found = measure(each, viewers, rounds, seconds)
        results[each] = {name: vars(turn) for name, turn in found.items()}
        titles = {"one": "1 viewer", "many": f"{viewers} viewers", "with slow": f"{viewers} and a slow one"}
        click.echo(f"pace {each}, medians of {rounds} turns of {seconds:g} s")
        for name, turn in found.items():
            click.echo(
                f"  {titles[name]:22} {turn.frames_per_second:5.1f} frames a second ({turn.share:.0%} of all), "
                f"latency {1000 * turn.latency_50:.0f} ms in the median, {1000 * turn.latency_95:.0f} ms for 95 %, "
                f"{turn.updates_per_second:,.0f} updates a second "
                f"({turn.updates_per_second / found['one'].updates_per_second:.2f} × with one viewer)"
            )
        missed = missed_goals(found["one"], found["many"], found["with slow"])
        all_missed += missed
        click.echo("\n".join(f"  missed: {goal}" for goal in missed) or "  all goals are reached")
    if json_file:
        json_file.write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(1 if all_missed else 0)


if __name__ == "__main__":
    main()
