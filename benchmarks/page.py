"""Measures the page in Chromium: the time to open it and the frames per second."""

from __future__ import annotations

import shutil
import statistics
import time

from playwright.sync_api import sync_playwright

from tests.browser.board import board, choose, number, press, until
from tests.browser.conftest import CHROMIUM, Server

# Starts to count the redraws of the boundary; a frame redraws only panels that have changed.
COUNT_BOUNDARY_REDRAWS = """() => {
  window.boundaries = 0;
  document.querySelector('[data-panel=boundary] .js-plotly-plot').on('plotly_afterplot', () => window.boundaries++);
}"""


def frames_per_second(rounds: int = 3, seconds: float = 6.0, dataset: str | None = None) -> dict[str, float]:
    """Return medians over several new pages of one server.

    Args:
        rounds: the number of pages. seconds: the duration of counting frames.
        dataset: the title of a data set of points in a plane; by default the demonstration.

    Returns:
        seconds from opening the page to four mounted charts, seconds from Start to the first drawn frame, and frames
        per second after that; for a plane also the redraws of the boundary per second.
    """
    server = Server()
    open_seconds, first_frame_seconds, frame_rates, boundary_rates = [], [], [], []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            for _ in range(rounds):
                context = browser.new_context(viewport={"width": 1280, "height": 720})
                page = context.new_page()
                start = time.perf_counter()
                page.goto(server.url)
                page.wait_for_selector('[data-panel="dropout"] .main-svg')
                open_seconds.append(time.perf_counter() - start)
                if dataset:
                    choose(page, dataset)
                    page.wait_for_selector("[data-panel=boundary] .main-svg")
                start = time.perf_counter()
                press(page, "Start")
                page.wait_for_selector('[data-regscope-board]:not([data-frames="0"])')
                first_frame_seconds.append(time.perf_counter() - start)
                until(lambda page=page: number(page, "frames") > 20, "20 frames are drawn")
                if dataset:
                    page.evaluate(COUNT_BOUNDARY_REDRAWS)
                start, frames_before = time.perf_counter(), number(page, "frames")
                time.sleep(seconds)
                if dataset:
                    boundary_rates.append(page.evaluate("window.boundaries") / (time.perf_counter() - start))
                frame_rates.append((number(page, "frames") - frames_before) / (time.perf_counter() - start))
                assert board(page).get_attribute("data-state") == "running"
                context.close()
            browser.close()
    finally:
        server.close()
    boundary = {"boundaries per second": statistics.median(boundary_rates)} if boundary_rates else {}
    return {
        **boundary,
        "seconds to the board": statistics.median(open_seconds),
        "seconds from Start to the first frame": statistics.median(first_frame_seconds),
        "frames per second": statistics.median(frame_rates),
    }
