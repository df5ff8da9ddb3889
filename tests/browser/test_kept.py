"""Runs that last: a killed server, Resume, and a fork, in a real browser."""

from __future__ import annotations

import os
import re
import signal

import pytest

from engine.runs.store.store import Store
from tests.browser.board import board, look_back, number, open_board, press, state, until
from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def home(tmp_path) -> dict[str, str]:
    return {"REGSCOPE_HOME": str(tmp_path / "home")}


def test_after_the_server_was_killed_one_click_resumes_the_run(chromium, home, tmp_path):
    store = Store(tmp_path / "home" / "runs.sqlite")
    server = Server(environment=home)
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    try:
        open_board(page, server.url)
        press(page, "Start")
        until(lambda: number(page, "step") > 200, "it trains")
        run_id = board(page).get_attribute("data-run-id")
        until(lambda: store.about(run_id) is not None, "it is kept")
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(10)
    finally:
        server.close()
    until(lambda: store.about(run_id).state == "interrupted", "nobody trains it")
    stood = store.about(run_id).step
    assert stood > 0
    server = Server(environment=home)
    try:
        open_board(page, f"{server.url}/?run={run_id}")
        until(lambda: state(page) == "interrupted", "it is told")
        until(lambda: number(page, "step") == stood, "as far as it was kept")
        press(page, "Resume")
        until(lambda: state(page) == "running" and number(page, "step") > stood, "it trains on")
        press(page, "Pause")
        until(lambda: state(page) == "paused", "and obeys")
    finally:
        page.close()
        server.close()


def test_a_run_is_forked_where_a_person_looks_back(chromium, home):
    server = Server(environment=home)
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    try:
        open_board(page, server.url)
        press(page, "Start")
        until(lambda: number(page, "step") > 400, "it trains")
        press(page, "Pause")
        until(lambda: state(page) == "paused", "it rests")
        look_back(page, 300)
        press(page, "Fork here")
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("From the weights of step").wait_for()
        dialog.get_by_role("button", name="no dropout", exact=True).click()
        dialog.get_by_role("button", name="Start the forks", exact=True).click()
        page.wait_for_url(re.compile("view=compare", re.IGNORECASE))
        until(lambda: page.get_by_text("no dropout").first.is_visible(), "the forks stand beside their parent")
        runs = page.url.split("runs=")[1].split("&")[0].replace("%2C", ",").split(",")
        assert len(runs) == 4
        page.wait_for_selector("[data-panel] .main-svg")
    finally:
        page.close()
        server.close()
