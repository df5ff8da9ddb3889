"""The cost of the store: `python -m benchmarks.store [--runs 1000]`.

A temporary store with copies, under ids of their own, of a few runs that were really trained: the time to list them, to
load one, to open the page of runs and the compare page with four of them, how much the file grows for a run of
each kind, and how long a worker's write takes.
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
_SEEN = """what => new Promise((seen) => {
  const look = () => document.querySelector(what) && (watcher.disconnect(), seen(performance.now()));
  const watcher = new MutationObserver(look);
  watcher.observe(document, { childList: true, subtree: true });
  look();
})"""


def seconds(do: Callable[[], object], times: int = 15) -> float:
    """Return the median."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def trained(config: RunConfig, folder: Path) -> tuple[Record, int, list[float]]:
    """Train a run; return it, the size of a store with this run only, and the seconds of each write."""
    store = Store(folder / f"{new_id()}.sqlite")
    writes: list[float] = []
    write = journal.Journal.write

    def timed(self: journal.Journal, *arguments: object) -> None:
        began = time.perf_counter()
        write(self, *arguments)  # type: ignore[arg-type]
        writes.append(time.perf_counter() - began)

    journal.Journal.write = timed  # type: ignore[assignment, method-assign]
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
@click.option("--runs", "many", default=1_000, show_default=True)
def main(many: int) -> None:
    folder = Path(tempfile.mkdtemp())
    store = Store(folder / "home" / "runs.sqlite")
    default: Record | None = None
    for name, config in KINDS.items():
        if config.dataset not in dataset_names():
            click.echo(f"{name}: its data set is not here")
            continue
        record, size, writes = trained(config, folder)
        default = default or record
        click.echo(
            f"{name:24} {size / 1e6:6.2f} MB, {len(list(record.telemetry.keyframes)):3} keyframes; a write "
            f"{1000 * statistics.median(writes):.1f} ms in the median, {1000 * max(writes):.1f} ms at most"
        )
    assert default is not None
    first = time.time() - many
    for i in range(many):
        about = replace(default.about, id=new_id(), created=first + i, name=f"run {i}")
        store.save(replace(default, about=about))
    click.echo(f"{many} runs: {store.nbytes() / 1e6:.0f} MB, {store.nbytes() / 1e6 / many:.2f} MB each")
    listed = store.list()
    click.echo(
        f"list {1000 * seconds(store.list):.1f} ms, load one {1000 * seconds(lambda: store.load(listed[7].id)):.1f} ms"
    )
    pages(folder / "home", [about.id for about in listed[:4]])
    shutil.rmtree(folder)


def pages(home: Path, ids: list[str]) -> None:
    """Return the time in Chromium from opening the address to the last chart or the table."""
    server = Server(environment={**os.environ, "REGSCOPE_HOME": str(home)})
    try:
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{server.url}/?view=compare")  # the first page fills the cache of the browser
            page.wait_for_selector(".st-key-nothing_compared")

            def opened(address: str, what: str) -> float:
                """Return seconds by the clock of the page, without the delays of the driver."""
                page.goto("about:blank")
                page.goto(f"{server.url}/{address}", wait_until="commit")
                return float(page.evaluate(_SEEN, what)) / 1000

            def median(address: str, what: str) -> float:
                return statistics.median([opened(address, what) for _ in range(15)])

            empty = median("?view=compare", ".st-key-nothing_compared")
            click.echo(f"an empty page, which Streamlit's own start takes: {empty:.2f} s")
            last = '[data-panel="histograms"] .main-svg'
            compare = f"?view=compare&runs={','.join(ids)}"
            opened(compare, last)  # they are loaded from the store
            click.echo(f"compare page, four runs: {median(compare, last):.2f} s")
            click.echo(f"page of runs: {median('?view=runs', '[data-testid=stDataFrame] canvas'):.2f} s")
            browser.close()
    finally:
        server.close()


if __name__ == "__main__":
    main()
