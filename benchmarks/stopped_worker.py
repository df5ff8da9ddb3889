"""What a stopped worker costs others: `python -m benchmarks.stopped_worker [--seconds 90] [--json FILE]`.

Two pages in Chromium, each with a run. The worker of the first run is stopped with SIGSTOP, and somebody scrolls on its
board. Measured: how long the clicks on the second page take to be answered, when the first page says that its worker
is silent, and when its run trains again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import sync_playwright
from websockets.sync.client import connect

from dashboard.charts.panels.catalogue import PANELS
from tests.browser.board import board, number, open_board, press, state, until
from tests.browser.conftest import CHROMIUM, Server

PATIENCE = 30.0  # seconds after which a click counts as not answered
SCROLLS = 4_000  # more commands to the worker than its pipe holds


def open_page(browser: Any, url: str) -> tuple[Any, list[str]]:
    """Open a page; return it with the addresses of its sockets."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url) if "/live/" in socket.url else None)
    open_board(page, url)
    return page, sockets


def start(page: Any, server: Server) -> int:
    """Start a long run; return the process id of its worker."""
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("100000")
    epochs.press("Enter")
    page.wait_for_timeout(500)
    press(page, "Start")
    until(lambda: state(page) == "running" and number(page, "step") > 20, "the run trains")
    return worker_of(str(board(page).get_attribute("data-run-id")), server)


def worker_of(run_id: str, server: Server) -> int:
    """Return the process that holds the lock file of a run."""
    for pid in server.workers():
        with suppress(OSError):  # it may have ended
            for name in os.listdir(f"/proc/{pid}/fd"):
                if run_id in os.readlink(f"/proc/{pid}/fd/{name}"):
                    return pid
    raise click.ClickException(f"no worker trains the run {run_id}")


def scroll(url: str) -> None:
    """Let panels that the page does not show come into sight and leave it: each time the worker gets a command."""
    with suppress(Exception), connect(url, max_size=None, open_timeout=10, close_timeout=1) as socket:
        for i in range(SCROLLS):
            socket.send(json.dumps({"panels": list(PANELS) if i % 2 else [], "drawn": False}))


CLICK = """(button, patience) => new Promise((done) => {
  const state = () => document.querySelector('[data-regscope-board]')?.dataset.state;
  const before = state(), began = performance.now(), seconds = () => (performance.now() - began) / 1000;
  button.click();
  const waiting = setInterval(() => {
    if (state() === before && seconds() < patience) return;
    clearInterval(waiting);
    done(seconds());
  }, 5);
})"""


def click_seconds(page: Any) -> float:
    """Click Pause or Resume; return the seconds until the board shows the new state, at most `PATIENCE`.

    The page itself measures them, because finding the button takes Playwright longer than the answer takes.
    """
    name = "Pause" if state(page) == "running" else "Resume"
    return float(page.get_by_role("button", name=name, exact=True).evaluate(CLICK, PATIENCE))


@click.command()
@click.option("--seconds", default=90.0, help="How long to click.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to this file, too."
)
def main(seconds: float, json_file: Path | None) -> None:
    """Print how fast clicks are answered on one page while the worker of another is stopped."""
    server = Server()
    found: dict[str, Any] = {"said after s": None, "trains again after s": None}
    stopped: int | None = None
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            first, sockets = open_page(browser, server.url)
            stopped = start(first, server)
            second, _ = open_page(browser, server.url)
            start(second, server)
            calm = [click_seconds(second) for _ in range(6)]
            os.kill(stopped, signal.SIGSTOP)
            stood, began = number(first, "step"), time.perf_counter()
            threading.Thread(target=scroll, args=(sockets[-1],), daemon=True).start()
            answers: list[float] = []
            while time.perf_counter() - began < seconds:
                answers.append(click_seconds(second))
                now = time.perf_counter() - began
                if found["said after s"] is None and first.get_by_text("No report for").count():
                    found["said after s"] = now
                if found["trains again after s"] is None and number(first, "step") > stood + 1_000:
                    found["trains again after s"] = now
                second.wait_for_timeout(300)
            found |= {
                "clicks": len(answers),
                "median s before": statistics.median(calm),
                "median s": statistics.median(answers),
                "slowest s": max(answers),
                "slower than 1 s": sum(each > 1 for each in answers),
            }
    finally:
        with suppress(ProcessLookupError):
            if stopped is not None:
                os.kill(stopped, signal.SIGKILL)
        server.close()
    click.echo(", ".join(f"{name} {value if value is None else f'{value:.3g}'}" for name, value in found.items()))
    if json_file:
        json_file.write_text(json.dumps(found, indent=1) + "\n")
    if found["slower than 1 s"]:
        sys.exit("goal missed: every click must be answered within 1 s")


if __name__ == "__main__":
    main()
