"""Takes the pictures in the docs from the page: `python -m docs.take_pictures`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from playwright.sync_api import sync_playwright

from tests.browser.board import board, choose, number, open_board, press, state, until
from tests.browser.conftest import CHROMIUM, Server

FOLDER = Path(__file__).parent / "pictures"
SETTINGS_OF_LAYOUT = {"L1 and L2": "&l2=1.0&drop_probability=0.0"}  # where those of the first page show nothing
LAYOUTS = {"L1 and L2": "layout-l1-l2", "dropout": "layout-dropout", "answers": "layout-answers"}


def train_to_end(page: Any) -> None:
    """Start a run and wait until the board shows its end."""
    previous_run_id = board(page).get_attribute("data-run-id")
    press(page, "Start")
    page.mouse.move(640, 715)
    until(lambda: board(page).get_attribute("data-run-id") != previous_run_id, "another run is on the board")
    until(lambda: state(page) == "finished", "the run is finished", 60)
    page.wait_for_timeout(700)


def take_race_picture(browser: Any, server: Server) -> None:
    """Take the picture of four twins on the same axes."""
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.goto(f"{server.url}/?view=compare")
    page.get_by_role("button", name="Race: none, L2, L1, dropout").click()
    page.mouse.move(640, 715)
    page.wait_for_selector("[data-panel=histograms] .main-svg")
    until(lambda: number(page, "step") > 3_500, "70 epochs are done", 90)
    page.screenshot(path=FOLDER / "race.png")
    page.context.close()


FIRST_SECONDS = (5, 10, 20)  # after Start, of the pictures of the first run


def main() -> None:
    """Start a server and take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    home = tempfile.TemporaryDirectory()  # a new store, so that no earlier run is in the pictures
    server = Server(environment={"REGSCOPE_HOME": home.name})
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            for theme in ("light", "dark"):
                page = browser.new_context(viewport={"width": 1280, "height": 720}, color_scheme=theme).new_page()
                open_board(page, f"{server.url}/?pace=250&l2=0.0")
                press(page, "Start")
                page.mouse.move(640, 715)
                for second in FIRST_SECONDS:
                    epochs = min(5 * second, 100)  # 250 mini-batches a second are five epochs
                    until(
                        lambda page=page, steps=50 * epochs: number(page, "step") >= steps,
                        f"{epochs} epochs are done",
                        60,
                    )
                    page.wait_for_timeout(700)
                    page.screenshot(path=FOLDER / f"first-{second}-{theme}.png")
                page.screenshot(path=FOLDER / f"board-{theme}.png")
                page.context.close()
            for layout, name in LAYOUTS.items():
                page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
                page.goto(f"{server.url}/?layout={quote_plus(layout)}{SETTINGS_OF_LAYOUT.get(layout, '')}")
                page.wait_for_selector("[data-panel=accuracy] .main-svg, [data-panel=then] .main-svg")
                press(page, "Start")
                page.mouse.move(640, 715)
                until(lambda page=page: number(page, "step") > 2_900, "58 epochs are done", 60)
                page.screenshot(path=FOLDER / f"{name}.png")
                page.context.close()
            take_race_picture(browser, server)
            page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
            open_board(page, server.url)
            page.keyboard.press("p")
            page.keyboard.press("PageDown")
            page.keyboard.press("Space")
            until(lambda page=page: number(page, "step") > 2_900, "58 epochs are done", 60)
            page.screenshot(path=FOLDER / "talk.png")
            page.context.close()
            page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
            open_board(page, server.url)
            page.get_by_role("radio", name="None", exact=True).click()
            page.get_by_text("Nothing keeps the network from memorizing.").wait_for()
            page.get_by_role("radio", name="full", exact=True).click()
            press(page, "Start")
            page.mouse.move(640, 715)
            until(lambda: state(page) == "finished", "the run is finished", 60)
            page.wait_for_timeout(500)
            page.screenshot(path=FOLDER / "memorizing.png")
            page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
            open_board(page, server.url)
            choose(page, "Two spirals")
            page.wait_for_selector("[data-panel=boundary] .main-svg")
            page.get_by_role("radio", name="full", exact=True).click()
            page.get_by_role("radio", name="None", exact=True).click()
            page.get_by_text("Nothing keeps the network from memorizing.").wait_for()
            train_to_end(page)
            page.screenshot(path=FOLDER / "spirals.png")
            boundary = page.locator("[data-panel=boundary]")
            boundary.screenshot(path=FOLDER / "spirals-none.png")
            page.get_by_role("radio", name="Dropout", exact=True).click()
            page.get_by_text("Dropout: drop 0.10, keep 0.90").wait_for()
            train_to_end(page)
            boundary.screenshot(path=FOLDER / "spirals-dropout.png")
            page.get_by_role("radio", name="L2", exact=True).click()
            page.get_by_text("ηλ/n = ").wait_for()
            train_to_end(page)
            boundary.screenshot(path=FOLDER / "spirals-l2.png")
            browser.close()
    finally:
        server.close()
        home.cleanup()


if __name__ == "__main__":
    main()
