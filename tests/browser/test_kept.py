"""Stored runs in a real browser: a killed server, Resume, forks, and the page of runs."""

from __future__ import annotations

import os
import re
import signal

import pytest

from tests.browser.board import board, look_back, number, open_board, press, remove_focus, state, until
from tests.browser.conftest import Server
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run
from tests.slowing import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def kill(server):
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(10 * PATIENCE)
    server.close()


def test_one_click_or_key_resumes_a_run_after_the_server_was_killed(page, home, store):
    server = Server(environment=home)
    try:
        open_board(page, server.url)
        press(page, "Start")
        until(lambda: number(page, "step") > 200, "the run trains")
        run_id = board(page).get_attribute("data-run-id")
        until(lambda: store.load_about(run_id) is not None, "the run is stored")
        for how in ("click", "key"):
            kill(server)
            until(lambda: store.load_about(run_id).state == "interrupted", "the run is interrupted")
            stored = store.load_about(run_id).step
            assert stored > 0
            server = Server(environment=home)
            open_board(page, f"{server.url}/?run={run_id}")
            until(lambda: state(page) == "interrupted", "the board shows the state")
            until(lambda stored=stored: number(page, "step") == stored, "the board shows the stored step")
            if how == "click":
                press(page, "Resume")
            else:
                remove_focus(page)
                page.keyboard.press(" ")
            until(lambda stored=stored: state(page) == "running" and number(page, "step") > stored, "the run continues")
            assert board(page).get_attribute("data-run-id") == run_id
        press(page, "Pause")
        until(lambda: state(page) == "paused", "the run is paused")
    finally:
        server.close()


def test_a_run_is_forked_at_the_step_on_the_board(own_page, own_server):
    page, server = own_page, own_server
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 400, "the run trains")
    press(page, "Pause")
    until(lambda: state(page) == "paused", "the run is paused")
    look_back(page, 300)
    press(page, "Fork here")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("From the weights of step").wait_for()
    dialog.get_by_role("button", name="no dropout", exact=True).click()
    dialog.get_by_role("button", name="Start the forks", exact=True).click()
    page.wait_for_url(re.compile("view=compare", re.IGNORECASE))
    until(lambda: page.get_by_text("no dropout").first.is_visible(), "the forks are compared with their parent")
    runs = page.url.split("runs=")[1].split("&")[0].replace("%2C", ",").split(",")
    assert len(runs) == 4
    page.wait_for_selector("[data-panel] .main-svg")


def test_the_fork_dialog_stays_open_until_it_is_dismissed(own_page, own_server):
    page, server = own_page, own_server
    open_board(page, server.url)
    page.get_by_role("spinbutton", name="Epochs").fill("15")
    page.keyboard.press("Enter")
    press(page, "Start")
    until(lambda: number(page, "step") > 200, "the run trains")
    look_back(page, 100)
    press(page, "Fork here")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("From the weights of step").wait_for()
    start = page.locator(".st-key-start button")
    until(lambda: start.count() == 1, "the page shows that the run has ended")
    until(dialog.is_visible, "the script has run to its end, where the dialog is")
    page.keyboard.press("Escape")
    until(lambda: not dialog.count(), "the dialog is closed")
    press(page, "Reset")
    page.get_by_role("button", name="Undo reset", exact=True).click()  # the script runs again with the same run
    until(lambda: page.get_by_role("button", name="Reset", exact=True).is_enabled(), "the run is on the page again")
    assert not dialog.count()


def test_the_page_of_runs_follows_a_run_and_stops_it(own_page, own_server, store):
    page, server = own_page, own_server
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 50, "the run trains")
    page.goto(f"{server.url}/?view=runs")
    table = page.locator('[data-testid="stDataFrame"] canvas').first
    table.wait_for(timeout=30_000 * PATIENCE)
    first = table.text_content()  # the text for screen readers
    until(lambda: table.text_content() != first, "the table is updated")
    box = table.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 50)
    stop = page.get_by_role("button", name="Stop", exact=True)
    until(stop.is_enabled, "a row is selected")
    stop.click()
    until(lambda: [about.state for about in store.list()] == ["stopped"], "the run is stopped")
    until(
        page.get_by_role("button", name="Resume", exact=True).is_enabled, "the run can be resumed and is still selected"
    )


def test_the_page_of_runs_follows_a_paused_run_until_it_has_stopped(own_page, own_server, store):
    """Its worker may answer after the page was drawn."""
    page, server = own_page, own_server
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 50, "it trains")
    press(page, "Pause")
    until(lambda: state(page) == "paused", "it is paused")
    page.goto(f"{server.url}/?view=runs")
    table = page.locator('[data-testid="stDataFrame"] canvas').first
    table.wait_for(timeout=30_000 * PATIENCE)
    box = table.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 50)
    stop = page.get_by_role("button", name="Stop", exact=True)
    until(stop.is_enabled, "a row is chosen")
    workers = server.workers()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        stop.click()
        page.get_by_text("1 run,").wait_for()
        page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'")
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    until(lambda: [about.state for about in store.list()] == ["stopped"], "it has ended")
    until(page.get_by_role("button", name="Resume", exact=True).is_enabled, "and the page knows")


def test_a_stored_run_is_deleted_restored_and_opened(own_page, own_server, store):
    page, server = own_page, own_server
    ids = [train_run(store, small(l2=l2)) for l2 in (0.0, 2.0)]
    page.goto(f"{server.url}/?view=runs")
    table = page.locator('[data-testid="stDataFrame"] canvas').first
    table.wait_for(timeout=30_000 * PATIENCE)

    def select_first_row() -> None:
        until(lambda: table.bounding_box() is not None, "the table is shown")
        box = table.bounding_box()
        page.mouse.click(box["x"] + 16, box["y"] + 50)  # the check boxes are part of the canvas

    select_first_row()
    until(page.get_by_role("button", name="Delete", exact=True).is_enabled, "a row is selected")
    press(page, "Delete")
    until(lambda: len(store.list()) == 1, "the run is deleted")
    press(page, "Undo delete (1)")
    until(lambda: len(store.list()) == 2, "the run is restored")
    until(lambda: page.get_by_text("2 runs,").is_visible(), "the table has both runs")
    select_first_row()
    open_button = page.locator(".st-key-open_run button").first  # the lists in the sidebar also have an “Open”
    until(open_button.is_enabled, "a row is selected")
    open_button.click()
    until(lambda: board(page).get_attribute("data-run-id") in ids, "the run is on the board")
    until(lambda: state(page) == "finished" and number(page, "step") == 40, "the board shows the end of the run")
