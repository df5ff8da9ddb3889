"""The page in Chromium: the time until it is shown, and the frames per second."""

from __future__ import annotations

import shutil
import statistics
import time

from playwright.sync_api import sync_playwright

from tests.browser.board import board, choose, number, press, until
from tests.browser.conftest import CHROMIUM, Server

# Counts the redraws of each chart from now on; a frame redraws only panels with news.
COUNT_BOUNDARIES = """() => {
  window.boundaries = 0;
  document.querySelector('[data-panel=boundary] .js-plotly-plot').on('plotly_afterplot', () => window.boundaries++);
}"""


def frames_per_second(rounds: int = 3, seconds: float = 6.0, dataset: str | None = None) -> dict[str, float]:
    """Return medians over new pages on one server, with the whole board in view.

    Args:
        dataset: what the page calls the set to train on, one of points in a plane; the demonstration if it is left out.

    Returns:
        seconds from opening the page to four mounted charts, from Start to the first frame drawn,
        and frames per second after that; with a plane also how often the boundary was redrawn.
    """
    server = Server()
    opened, first, rates, redrawn = [], [], [], []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            for _ in range(rounds):
                context = browser.new_context(viewport={"width": 1280, "height": 720})
                page = context.new_page()
                began = time.perf_counter()
                page.goto(server.url)
                page.wait_for_selector('[data-panel="dropout"] .main-svg')
                opened.append(time.perf_counter() - began)
                if dataset:
                    choose(page, dataset)
                    page.wait_for_selector("[data-panel=boundary] .main-svg")
                began = time.perf_counter()
                press(page, "Start")
                page.wait_for_selector('[data-regscope-board]:not([data-frames="0"])')
                first.append(time.perf_counter() - began)
                until(lambda page=page: number(page, "frames") > 20, "20 frames are drawn")
                if dataset:
                    page.evaluate(COUNT_BOUNDARIES)
                began, frames = time.perf_counter(), number(page, "frames")
                time.sleep(seconds)
                if dataset:
                    redrawn.append(page.evaluate("window.boundaries") / (time.perf_counter() - began))
                rates.append((number(page, "frames") - frames) / (time.perf_counter() - began))
                assert board(page).get_attribute("data-state") == "running"
                context.close()
            browser.close()
    finally:
        server.close()
    boundary = {"boundaries per second": statistics.median(redrawn)} if redrawn else {}
    return {
        **boundary,
        "seconds to the board": statistics.median(opened),
        "seconds from Start to the first frame": statistics.median(first),
        "frames per second": statistics.median(rates),
    }
