"""A server in use for a long time: `python -m benchmarks.soak [--minutes 30] [--json FILE]`.

A real server and a page in Chromium that is used in rounds: a run is started, changed, paused, reloaded, looked back
at, forked and continued to its end, four runs race, a run is reset and stopped, runs are deleted. The memory,
processes, threads and open files of the server and its workers are measured every 10 s, and at the end of every round,
when no run is open.

The server keeps some history in memory, up to a limit: 100 ended runs, the weights of 12 of them at earlier steps, and
40 networks that somebody looked back at. The soak therefore begins with opening as many runs and steps as that, so that
memory grows no further because of them. The first window also has this part. The verdict compares the medians at the
end of rounds with those of the second window: a later one must be within 10 %, or for a small count within
`ALLOWED_COUNTS`. The command exits with 1 if one is not, or if the log of the server or the page has an error. It needs
Linux, whose /proc it reads.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from benchmarks.ended_runs import ended_runs
from engine import RunConfig
from engine.analysis.twins import MAX_LINES
from engine.runs.server.evaluated_network import MAX_CACHED
from engine.runs.server.memory_budget import MAX_ENDED_RUNS
from engine.runs.store.store import Store
from tests import slowing
from tests.browser.board import board, look_back, number, open_board, press, remove_focus, state, until
from tests.browser.conftest import CHROMIUM, Server
from tests.browser.server_log import log_errors
from tests.processes import children

SAMPLE_INTERVAL = 10.0  # seconds
WINDOW = 5.0  # minutes
MAX_CHANGE = 0.1  # of a median at the end of rounds, against the second window
EPOCHS = 60  # of a run: 3,000 updates, so that it does not end before it is paused
PATIENCE = 30.0  # seconds for one condition, times tests.slowing.PATIENCE
SPARE_WORKERS = 1  # that wait for the next start

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Sample:
    """What the server and its workers use at one moment.

    Attributes:
        server_mb, workers_mb: resident memory, in MB; shared pages count once for each process.
        processes, threads: the server and the workers together.
        files: open files, pipes and sockets of all of them, without those of event loops.
        event_loops: Streamlit opens one for each page, with three files, and keeps it for two minutes after the page
            was closed. Their number depends on how many pages were opened in that time.
    """

    server_mb: float
    workers_mb: float
    processes: int
    threads: int
    files: int
    event_loops: int


QUANTITIES = {field.name: field.name.replace("_mb", " MB").replace("_", " ") for field in fields(Sample)}
# A median of a small count may differ by this much: threads of a pool that starts them when they are needed, a
# connection that is about to close, the pages that one round opens.
ALLOWED_COUNTS = {"threads": 3, "files": 3, "event_loops": 7}
FILES_OF_EVENT_LOOP = 3  # a selector and a pair of sockets


def take_sample(server: int) -> Sample:
    """Return what a server uses, from its process id."""
    pids = [server, *children(server)]
    memory, threads, files, event_loops = [], 0, 0, 0
    for pid in pids:
        with suppress(OSError):  # a worker may have ended
            memory.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 2**20)
            threads += len(os.listdir(f"/proc/{pid}/task"))
            targets = list(_open_files(pid))
            files += len(targets)
            event_loops += targets.count("anon_inode:[eventpoll]")
    files -= FILES_OF_EVENT_LOOP * event_loops
    return Sample(memory[0], sum(memory[1:]), len(memory), threads, files, event_loops)


def _open_files(pid: int) -> Iterator[str]:
    for name in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):  # it may have been closed
            yield os.readlink(f"/proc/{pid}/fd/{name}")


class Sampler:
    """Takes samples in a thread every `SAMPLE_INTERVAL`, and when `add_at_rest` is called.

    Attributes:
        in_use, at_rest: seconds since the start, and the sample.
    """

    def __init__(self, server: int) -> None:
        self.in_use: list[tuple[float, Sample]] = []
        self.at_rest: list[tuple[float, Sample]] = []
        self._server, self._start = server, time.monotonic()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def add_at_rest(self) -> Sample:
        sample = take_sample(self._server)
        self.at_rest.append((self.seconds, sample))
        return sample

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _follow(self) -> None:
        with suppress(OSError, IndexError):  # the server has ended
            while not self._closed.wait(SAMPLE_INTERVAL):
                self.in_use.append((self.seconds, take_sample(self._server)))


def windows(samples: Sequence[tuple[float, Sample]], minutes: float = WINDOW) -> list[list[Sample]]:
    """Return the samples of each window."""
    found: list[list[Sample]] = []
    for seconds, sample in samples:
        while len(found) <= seconds / 60 // minutes:
            found.append([])
        found[-1].append(sample)
    return found


def median(samples: Sequence[Sample], quantity: str) -> float:
    """Return the median of a quantity."""
    return float(statistics.median(getattr(sample, quantity) for sample in samples))


def changes(at_rest: Sequence[Sequence[Sample]]) -> list[str]:
    """Return the quantities that are not flat: their medians differ too much from those of the second window."""
    reference, *later = [window for window in at_rest[1:] if window] or [[]]
    return [
        f"{title}: {now:,.4g} in minutes {WINDOW * i:g} to {WINDOW * (i + 1):g} instead of {before:,.4g}"
        for quantity, title in QUANTITIES.items()
        for i, window in enumerate(later, 2)
        if abs((now := median(window, quantity)) - (before := median(reference, quantity)))
        > max(MAX_CHANGE * before, ALLOWED_COUNTS.get(quantity, 0))
    ]


class Visitor:
    """Uses the page in rounds.

    Args:
        page: a page of Playwright. server: its server.

    Attributes:
        errors: uncaught errors of the page.
    """

    def __init__(self, page: Any, server: Server) -> None:
        self.errors: list[str] = []
        self._page, self._server = page, server
        page.on("pageerror", lambda error: self.errors.append(f"uncaught JavaScript error: {error}"))

    def fill_memory(self, run_ids: Sequence[str]) -> None:
        """Open ended runs, and look back at as many steps as the server keeps."""
        page = self._page
        for i in range(0, len(run_ids), MAX_LINES):
            page.goto(f"{self._server.url}/?view=compare&runs={','.join(run_ids[i : i + MAX_LINES])}")
            until(lambda: board(page).count() == 1 and number(page, "frames") > 0, "the runs are drawn", PATIENCE)
        open_board(page, f"{self._server.url}/?run={run_ids[0]}")
        until(lambda: number(page, "frames") > 0, "the run is drawn", PATIENCE)
        for i in range(MAX_CACHED + 5):
            self._look_back(10 + 20 * i)

    def use_all(self, round_number: int) -> None:
        """Do one round, and wait until no run is open."""
        self._change_and_fork(round_number)
        self._race()
        self._reset()
        self._stop_and_delete()
        self.errors += [box.inner_text() for box in self._page.locator('[data-testid="stException"]').all()]

    def wait_for_rest(self) -> None:
        """Wait until all workers but the spare one have ended."""
        until(lambda: len(self._server.workers()) <= SPARE_WORKERS, "all runs have ended", PATIENCE)

    def page_text(self) -> str:
        """Return the address and the text of the page, for the message of a failure."""
        return f"{self._page.url}\n{self._page.locator('body').inner_text():.1500}"

    def _open(self, query: str) -> None:
        open_board(self._page, f"{self._server.url}/{query}")

    def _start(self, steps: int) -> None:
        press(self._page, "Start")
        until(lambda: state(self._page) == "running" and number(self._page, "step") >= steps, "it trains", PATIENCE)

    def _look_back(self, step: int) -> None:
        look_back(self._page, step)
        until(lambda: number(self._page, "step") == step, f"step {step} is drawn", PATIENCE)

    def _change_and_fork(self, round_number: int) -> None:
        page = self._page
        self._open(f"?epochs={EPOCHS}&pace=125&seed={round_number % 7}")
        self._start(100)
        page.get_by_role("slider", name="Dropout").first.press("ArrowLeft")  # takes effect while it trains
        press(page, "Pause")
        until(lambda: state(page) == "paused", "it is paused", PATIENCE)
        page.reload()
        until(lambda: board(page).count() == 1 and number(page, "frames") > 0, "it is drawn again", PATIENCE)
        until(lambda: state(page) == "paused", "it is still paused", PATIENCE)
        self._look_back(60)
        press(page, "Fork here")
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("From the weights of step").wait_for()
        dialog.get_by_role("button", name="Start the forks", exact=True).click()
        page.get_by_role("button", name="Resume all", exact=True).or_(
            page.get_by_role("button", name="Pause all", exact=True)
        ).first.wait_for()
        page.get_by_text("full", exact=True).first.click()
        until(self._resume_or_end, "the forks and their parent end", PATIENCE)

    def _resume_or_end(self) -> bool:
        """Resume the compared runs if they wait; return whether all have ended.

        The parent is paused before the forks have started, and again when they have ended.
        """
        resume = self._page.get_by_role("button", name="Resume all", exact=True)
        states = board(self._page).evaluate_all("nodes => nodes.map((node) => node.dataset.state)")
        if len(states) != 1:  # both boards are there for a moment while the page changes
            return False
        if states == ["paused"] and resume.is_visible():
            with suppress(PlaywrightError):  # it was replaced by Pause all in the meantime
                resume.click(timeout=2_000)
        return bool(states == ["finished"])

    def _race(self) -> None:
        page = self._page
        page.goto(f"{self._server.url}/?view=compare&epochs={EPOCHS}&pace=full")
        page.get_by_role("button", name="Race: none, L2, L1, dropout").click()
        until(lambda: board(page).count() == 1 and state(page) == "finished", "the race ends", PATIENCE)
        until(lambda: number(page, "frames") > 0, "it is drawn", PATIENCE)
        self._look_back(100)
        press(page, "Live")

    def _reset(self) -> None:
        self._open(f"?epochs={EPOCHS}&pace=25")
        self._start(5)
        remove_focus(self._page)
        self._page.keyboard.press("Space")
        until(lambda: state(self._page) == "paused", "a key pauses it", PATIENCE)
        press(self._page, "Reset")
        self._page.get_by_role("button", name="Undo reset", exact=True).wait_for()

    def _stop_and_delete(self) -> None:
        """Stop the run that was reset, which is the newest, then delete it and another."""
        page = self._page
        page.goto(f"{self._server.url}/?view=runs")
        table = page.locator('[data-testid="stDataFrame"] canvas').first
        table.wait_for()
        self._choose_row(0, "Stop")
        press(page, "Stop")
        until(page.get_by_role("button", name="Resume", exact=True).is_enabled, "it is stopped", PATIENCE)
        self._choose_row(1, "Compare")
        press(page, "Delete")
        page.get_by_role("button", name="Undo delete (2)", exact=True).wait_for()

    def _choose_row(self, row: int, action: str) -> None:
        """Choose a row in the table of runs, which is a canvas, until a button can be pressed."""
        table = self._page.locator('[data-testid="stDataFrame"] canvas').first
        until(lambda: table.bounding_box() is not None, "the table is drawn", PATIENCE)
        box = table.bounding_box()
        self._page.mouse.click(box["x"] + 16, box["y"] + 50 + 33 * row)
        button = self._page.get_by_role("button", name=action, exact=True)
        until(button.is_enabled, f"row {row} is chosen", PATIENCE)


@contextmanager
def visited_server(browser: Any, filled: int = MAX_ENDED_RUNS + 12) -> Iterator[tuple[Visitor, Server, list[str]]]:
    """A server with ended runs in its store, and a visitor; yields also the ids of the runs."""
    with tempfile.TemporaryDirectory() as home:
        run_ids = ended_runs(Store(Path(home) / "runs.sqlite"), filled, RunConfig.demo(epochs=20)) if filled else []
        server = Server(environment={"REGSCOPE_HOME": home})
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.set_default_timeout(1_000 * PATIENCE * slowing.PATIENCE)
        try:
            yield Visitor(page, server), server, run_ids
        finally:
            page.close()
            server.close()


def table(in_use: Sequence[Sequence[Sample]], at_rest: Sequence[Sequence[Sample]]) -> str:
    """Return the medians at the end of rounds, and the largest values in use, for each window."""
    lines = [f"{'minutes':9}{'rounds':>7}" + "".join(f"{title:>23}" for title in QUANTITIES.values())]
    for i, window in enumerate(at_rest):
        others = in_use[i] if i < len(in_use) else []
        cells = []
        for quantity in QUANTITIES:
            middle = f"{median(window, quantity):,.4g}" if window else "–"
            largest = max((getattr(sample, quantity) for sample in [*window, *others]), default=None)
            cells.append(f"{middle} (up to {largest:,.4g})" if largest is not None else "–")
        lines.append(
            f"{f'{WINDOW * i:g}–{WINDOW * (i + 1):g}':9}{len(window):7}" + "".join(f"{cell:>23}" for cell in cells)
        )
    return "\n".join(lines)


def use_for(browser: Any, minutes: float, verbose: bool) -> tuple[Sampler, list[str]]:
    """Use the page in rounds for some minutes; return the samples and the errors."""
    with visited_server(browser) as (visitor, server, run_ids):
        sampler, failures = Sampler(server.process.pid), []
        try:
            visitor.fill_memory(run_ids)
            click.echo(f"{len(run_ids)} ended runs were opened within {sampler.seconds:.0f} s")
            while sampler.seconds < 60 * minutes:
                visitor.use_all(len(sampler.at_rest))
                visitor.wait_for_rest()
                sample = sampler.add_at_rest()
                if verbose:
                    click.echo(f"{sampler.seconds:5.0f} s, round {len(sampler.at_rest)}: {sample}")
        except (AssertionError, PlaywrightError) as error:
            failures.append(f"round {len(sampler.at_rest) + 1} failed: {error}\n{visitor.page_text()}")
        sampler.close()
        return sampler, [*visitor.errors, *log_errors(server.output()), *failures]


@click.command()
@click.option("--minutes", default=30.0, help="How long to use the page.", show_default=True)
@click.option("--verbose", is_flag=True, help="Print what the server uses after each round.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all samples to this file, too."
)
def main(minutes: float, verbose: bool, json_file: Path | None) -> None:
    """Use the page for some minutes; print what the server uses, and whether it grows."""
    if not Path("/proc/self/statm").exists():
        raise click.ClickException("memory, threads and open files are read from /proc, which only Linux has")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        sampler, errors = use_for(browser, minutes, verbose)
        browser.close()
    in_use, at_rest = windows(sampler.in_use), windows(sampler.at_rest)
    click.echo("medians at the end of rounds, in brackets the largest value")
    click.echo(table(in_use, at_rest))
    grown = changes(at_rest)
    click.echo(f"{len(errors)} errors" + "".join(f"\n{error}" for error in errors))
    if len(at_rest) < 3:
        click.echo(f"no verdict about growth: it needs more than {2 * WINDOW:g} minutes")
    else:
        click.echo("\n".join(f"not flat: {each}" for each in grown) or "flat: all later medians are within 10 %")
    if json_file:
        named = {"in use": sampler.in_use, "at rest": sampler.at_rest}
        results = {name: [{"seconds": at, **vars(sample)} for at, sample in each] for name, each in named.items()}
        json_file.write_text(json.dumps({**results, "errors": errors}, indent=1) + "\n")
    sys.exit(1 if errors or grown else 0)


if __name__ == "__main__":
    main()
