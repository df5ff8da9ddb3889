"""The real page in Chromium: how soon it shows, and how many frames it draws."""

from __future__ import annotations

import shutil
import statistics
import time

from playwright.sync_api import sync_playwright

from tests.browser.board import board, number, press, until
from tests.browser.conftest import CHROMIUM, Server


def frames_per_second(rounds: int = 3, seconds: float = 6.0) -> dict[str, float]:
    """Medians of fresh pages on one server, the default run at full board, four panels.

    Returns:
        seconds from opening the page to four mounted charts, from Start to the first frame drawn,
        and frames per second after that.
    """
    server = Server()
    opened, first, rates = [], [], []
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
                began = time.perf_counter()
                press(page, "Start")
                page.wait_for_selector('[data-regscope-board]:not([data-frames="0"])')
                first.append(time.perf_counter() - began)
                until(lambda page=page: number(page, "frames") > 20, "20 frames are drawn")
                began, frames = time.perf_counter(), number(page, "frames")
                time.sleep(seconds)
                rates.append((number(page, "frames") - frames) / (time.perf_counter() - began))
                assert board(page).get_attribute("data-state") == "running"
                context.close()
            browser.close()
    finally:
        server.close()
    return {
        "seconds to the board": statistics.median(opened),
        "seconds from Start to the first frame": statistics.median(first),
        "frames per second": statistics.median(rates),
    }
