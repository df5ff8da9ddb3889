"""Measures the cost of the store: `python -m benchmarks.store [--runs 1000]`.

For several kinds of run it measures the size in the store and the time of a write. Then it fills a temporary store with
copies of one run, and measures the time to list all runs, to load one, and to open the pages *Runs* and *Compare*.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
from playwright.sync_api import sync_playwright

from engine import RunConfig, dataset_names
from engine.runs.store import journal
from engine.runs.store.record import Record, new_id
from engine.runs.store.store import Store
from engine.runs.worker.headless import HeadlessRun
from tests.browser.conftest import CHROMIUM, Server

KINDS = {
    "the demonstration": RunConfig.demo(),
    "400 epochs of it": RunConfig.demo(epochs=400),
    "MNIST, 784-30-10": RunConfig.demo(dataset="mnist", train_size=5_000, hidden=(30,), epochs=4),
    "MNIST, 784-800-800-10": RunConfig.demo(
        dataset="mnist", train_size=5_000, hidden=(800, 800), mini_batch_size=100, epochs=3
    ),
}

# The time at which an element first appears, in milliseconds since the address was opened.
_TIME_UNTIL_SHOWN = """selector => new Promise((resolve) => {
  const check = () => document.querySelector(selector) && (observer.disconnect(), resolve(performance.now()));
  const observer = new MutationObserver(check);
  observer.observe(document, { childList: true, subtree: true });
  check();
})"""


def median_seconds(action: Callable[[], object], times: int = 15) -> float:
    """Return the median duration of a function in seconds."""
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        durations.append(time.perf_counter() - start)
    return statistics.median(durations)


def train_and_measure(config: RunConfig, folder: Path) -> tuple[Record, int, list[float]]:
    """Train a run; return its record, the size of its store in bytes, and the seconds of each write."""
    store = Store(folder / f"{new_id()}.sqlite")
    writes: list[float] = []
    write = journal.Journal.write

    def timed_write(self: journal.Journal, *arguments: object) -> None:
        start = time.perf_counter()
        write(self, *arguments)  # type: ignore[arg-type]
        writes.append(time.perf_counter() - start)

    journal.Journal.write = timed_write  # type: ignore[assignment, method-assign]
    try:
        run = HeadlessRun(config, store.path)
        for _ in run.train():
            pass
    finally:
        journal.Journal.write = write  # type: ignore[method-assign]
    record = store.load(run.id)
    assert record is not None
    return record, store.path.stat().st_size, writes


@click.command()
@click.option("--runs", "run_count", default=1_000, show_default=True)
def main(run_count: int) -> None:
    """Print the size of runs in the store, and the time to write, list, load and show them."""
    folder = Path(tempfile.mkdtemp())
    store = Store(folder / "home" / "runs.sqlite")
    demonstration: Record | None = None
    for name, config in KINDS.items():
        if config.dataset not in dataset_names():
            click.echo(f"{name}: its data set is not downloaded")
            continue
        record, size, writes = train_and_measure(config, folder)
        demonstration = demonstration or record
        click.echo(
            f"{name:24} {size / 1e6:6.2f} MB, {len(list(record.telemetry.keyframes)):3} keyframes; a write "
            f"{1000 * statistics.median(writes):.1f} ms in the median, {1000 * max(writes):.1f} ms at most"
        )
    assert demonstration is not None
    first = time.time() - run_count
    for i in range(run_count):
        about = replace(demonstration.about, id=new_id(), created=first + i, name=f"run {i}")
        store.save(replace(demonstration, about=about))
    click.echo(f"{run_count} runs: {store.nbytes() / 1e6:.0f} MB, {store.nbytes() / 1e6 / run_count:.2f} MB each")
    stored_runs = store.list()
    click.echo(
        f"list {1000 * median_seconds(store.list):.1f} ms, "
        f"load one {1000 * median_seconds(lambda: store.load(stored_runs[7].id)):.1f} ms"
    )
    measure_pages(folder / "home", [about.id for about in stored_runs[:4]])
    shutil.rmtree(folder)


def measure_pages(home: Path, ids: list[str]) -> None:
    """Print the time in Chromium from opening an address to its last chart or table."""
    server = Server(environment={**os.environ, "REGSCOPE_HOME": str(home)})
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{server.url}/?view=compare")  # the first page fills the cache of the browser
            page.wait_for_selector(".st-key-nothing_compared")

            def seconds_to_open(address: str, selector: str) -> float:
                """Return seconds by the clock of the page, without the delays of the driver."""
                page.goto("about:blank")
                page.goto(f"{server.url}/{address}", wait_until="commit")
                return float(page.evaluate(_TIME_UNTIL_SHOWN, selector)) / 1000

            def median(address: str, selector: str) -> float:
                return statistics.median([seconds_to_open(address, selector) for _ in range(15)])

            empty = median("?view=compare", ".st-key-nothing_compared")
            click.echo(f"empty page, which is the start of Streamlit: {empty:.2f} s")
            last = '[data-panel="histograms"] .main-svg'
            compare = f"?view=compare&runs={','.join(ids)}"
            seconds_to_open(compare, last)  # loads the runs from the store
            click.echo(f"compare page, four runs: {median(compare, last):.2f} s")
            click.echo(f"page of runs: {median('?view=runs', '[data-testid=stDataFrame] canvas'):.2f} s")
            browser.close()
    finally:
        server.close()


if __name__ == "__main__":
    main()
