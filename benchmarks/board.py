"""Measures the cost of the board early and late in a long run.

    python -m benchmarks.board [--minutes 10] [--json FILE]

Chromium shows the overview of one endless run. Around 10⁴ and 10⁶ updates it measures frames per second, the age of
drawn frames, the size of frames, the time to build a frame, and the memory of worker, server and page. Afterwards
it measures the heap of the page for some minutes.
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

MEASURED_STEPS = (10_000, 1_000_000)  # updates
MEASURED_SECONDS = 10.0  # seconds of measurement at each step
PANEL_NODES = "document.querySelectorAll('.rs-panel, .rs-panel .js-plotly-plot, .rs-panel .main-svg')"
COUNT_VISIBLE_PANELS = """() => [...document.querySelectorAll('.rs-panel')].filter((panel) => {
  const { top, bottom } = panel.getBoundingClientRect();
  return panel.offsetParent && top >= 0 && bottom <= innerHeight; }).length"""


def private_megabytes(pid: int) -> float:
    """Return the private memory of a process in MB, without shared pages."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return sum(int(fields[name].split()[0]) for name in ("Private_Clean", "Private_Dirty")) / 1024


class WatchedPage:
    """A page that shows a run, with the processes of the server and the worker."""

    def __init__(self, page: Any, server: Server) -> None:
        self.page, self.server = page, server
        self._heap = page.context.new_cdp_session(page)

    def heap_megabytes(self) -> float:
        """Return the JavaScript heap of the page after a garbage collection, in MB."""
        self._heap.send("HeapProfiler.collectGarbage")
        return float(self._heap.send("Runtime.getHeapUsage")["usedSize"]) / 2**20

    def worker_megabytes(self) -> float:
        """Return the memory of the largest worker in MB, which is the one that trains."""
        return max(private_megabytes(pid) for pid in self.server.workers())

    def measure(self) -> dict[str, float]:
        """Return the measurements of `MEASURED_SECONDS` by name."""
        page = self.page
        root = "document.querySelector('[data-regscope-board]')"
        page.evaluate(f"() => {{ {root}.regscopeAges.length = 0; }}")
        start, frames_before = time.perf_counter(), number(page, "frames")
        bytes_before = int(board(page).get_attribute("data-bytes"))
        build_seconds_before = server_seconds(self.server)
        time.sleep(MEASURED_SECONDS)
        frame_count = number(page, "frames") - frames_before
        ages = sorted(page.evaluate(f"() => {root}.regscopeAges"))
        return {
            "step": number(page, "step"),
            "frames a second": frame_count / (time.perf_counter() - start),
            "ms from mini-batch to drawn frame, median": ages[len(ages) // 2],
            "the same, 95th percentile": ages[int(0.95 * len(ages))],
            "bytes a frame": (int(board(page).get_attribute("data-bytes")) - bytes_before) / max(1, frame_count),
            "server's ms of processor a frame": 1000
            * (server_seconds(self.server) - build_seconds_before)
            / max(1, frame_count),
            "worker MB": self.worker_megabytes(),
            "server MB": private_megabytes(self.server.process.pid),
            "page heap MB": self.heap_megabytes(),
        }


def server_seconds(server: Server) -> float:
    """Return the processor time of the server in seconds, which is spent on reports and frames."""
    stat_fields = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(stat_fields[11]) + int(stat_fields[12])) / 100


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
            page.get_by_role("radio", name="full", exact=True).click()
            page.wait_for_timeout(1000)
            press(page, "Start")
            page.mouse.move(5, 715)
            watched_page, results = WatchedPage(page, server), []
            page.evaluate(f"() => {{ for (const node of {PANEL_NODES}) node.mark = true; }}")
            for step in MEASURED_STEPS:
                until(lambda step=step: number(page, "step") >= step, f"{step} updates are done", 600)
                results.append(watched_page.measure())
            heaps = [watched_page.heap_megabytes()]
            for _ in range(round(minutes)):
                page.wait_for_timeout(60_000)
                heaps.append(watched_page.heap_megabytes())
            remounted_count = page.evaluate(f"() => [...{PANEL_NODES}].filter((node) => !node.mark).length")
            visible_count = page.evaluate(COUNT_VISIBLE_PANELS)
    finally:
        server.close()
    click.echo(f"{visible_count} visible panels, {remounted_count} remounted nodes")
    early, late = results
    for name in early:
        click.echo(f"{name}: {early[name]:,.4g} and {late[name]:,.4g}, ratio {late[name] / early[name]:.2f}")
    click.echo("page heap MB, minute by minute: " + ", ".join(f"{heap_megabytes:.1f}" for heap_megabytes in heaps))
    if json_file:
        json_file.write_text(json.dumps({"early": early, "late": late, "heaps": heaps}, indent=1) + "\n")


if __name__ == "__main__":
    main()
