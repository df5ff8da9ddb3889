"""The cost of the board as a run grows: `python -m benchmarks.board [--minutes 10] [--json FILE]`.

One run without end, watched in Chromium in the overview. Measured around 10⁴ and around 10⁶ updates:
frames a second, how old a frame is once it is drawn, bytes of a frame, the time to build one, and the
memory of worker, server and page. The page's heap is then watched for some minutes more.
"""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import sync_playwright

from tests.browser.board import board, number, press, until
from tests.browser.conftest import CHROMIUM, Server

STOPS = (10_000, 1_000_000)  # updates
SECONDS = 10.0  # of watching at each
NODES = "document.querySelectorAll('.rs-panel, .rs-panel .js-plotly-plot, .rs-panel .main-svg')"
IN_SIGHT = """() => [...document.querySelectorAll('.rs-panel')].filter((panel) => {
  const { top, bottom } = panel.getBoundingClientRect();
  return panel.offsetParent && top >= 0 && bottom <= innerHeight; }).length"""


def memory(pid: int) -> float:
    """Return the private memory of a process in MB, without shared pages."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return sum(int(fields[name].split()[0]) for name in ("Private_Clean", "Private_Dirty")) / 1024


class Watched:
    """The page with a run on it, and the processes behind it."""

    def __init__(self, page: Any, server: Server) -> None:
        self.page, self.server = page, server
        self._heap = page.context.new_cdp_session(page)

    def heap(self) -> float:
        """Return the JavaScript heap of the page after a garbage collection, in MB."""
        self._heap.send("HeapProfiler.collectGarbage")
        return float(self._heap.send("Runtime.getHeapUsage")["usedSize"]) / 2**20

    def worker(self) -> float:
        """Return the memory of the worker with the most processor time, which is the one that trains, in MB."""
        return max(memory(pid) for pid in self.server.workers())

    def measure(self) -> dict[str, float]:
        page = self.page
        root = "document.querySelector('[data-regscope-board]')"
        page.evaluate(f"() => {{ {root}.regscopeAges.length = 0; }}")
        began, frames = time.perf_counter(), number(page, "frames")
        sent = int(board(page).get_attribute("data-bytes"))
        built = build_seconds(self.server)
        time.sleep(SECONDS)
        drawn = number(page, "frames") - frames
        ages = sorted(page.evaluate(f"() => {root}.regscopeAges"))
        return {
            "step": number(page, "step"),
            "frames a second": drawn / (time.perf_counter() - began),
            "ms from mini-batch to drawn frame, median": ages[len(ages) // 2],
            "the same, 95th percentile": ages[int(0.95 * len(ages))],
            "bytes a frame": (int(board(page).get_attribute("data-bytes")) - sent) / max(1, drawn),
            "server's ms of processor a frame": 1000 * (build_seconds(self.server) - built) / max(1, drawn),
            "worker MB": self.worker(),
            "server MB": memory(self.server.process.pid),
            "page heap MB": self.heap(),
        }


def build_seconds(server: Server) -> float:
    """Return the processor time of the server so far, spent on reports and frames only."""
    ticks = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(ticks[11]) + int(ticks[12])) / 100


@click.command()
@click.option("--minutes", default=10.0, help="Minutes during which the heap of the page is measured.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to this file."
)
def main(minutes: float, json_file: Path | None) -> None:
    """Print frames, bytes and memory of the overview, early and late in one run."""
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
            page.goto(server.url)
            page.wait_for_selector("[data-panel=dropout] .main-svg")
            epochs = page.get_by_role("spinbutton", name="Epochs")
            epochs.fill("100000")
            epochs.press("Enter")
            page.get_by_text("full", exact=True).click()
            page.wait_for_timeout(1000)
            press(page, "Start")
            page.mouse.move(5, 715)
            watched, results = Watched(page, server), []
            page.evaluate(f"() => {{ for (const node of {NODES}) node.mark = true; }}")
            for stop in STOPS:
                until(lambda stop=stop: number(page, "step") >= stop, f"{stop} updates are done", 600)
                results.append(watched.measure())
            heaps = [watched.heap()]
            for _ in range(round(minutes)):
                page.wait_for_timeout(60_000)
                heaps.append(watched.heap())
            remounted = page.evaluate(f"() => [...{NODES}].filter((node) => !node.mark).length")
            in_sight = page.evaluate(IN_SIGHT)
    finally:
        server.close()
    click.echo(f"{in_sight} panels in sight, {remounted} nodes mounted anew")
    early, late = results
    for name in early:
        click.echo(f"{name}: {early[name]:,.4g} and {late[name]:,.4g}, ratio {late[name] / early[name]:.2f}")
    click.echo("page heap MB, minute by minute: " + ", ".join(f"{heap:.1f}" for heap in heaps))
    if json_file:
        json_file.write_text(json.dumps({"early": early, "late": late, "heaps": heaps}, indent=1) + "\n")


if __name__ == "__main__":
    main()
