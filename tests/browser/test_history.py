"""The back and forward buttons of the browser go between the pages, with what the pages showed."""

from __future__ import annotations

import pytest

from tests.browser.board import board, number, open_board, press, state, titles, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def address(page):
    """Return the address as it is now: Playwright updates its copy only with other calls."""
    return page.evaluate("location.href")


def turn_to(page, name):
    """Turn to another page with the switch."""
    page.get_by_role("radio", name=name, exact=True).click()
    until(lambda: shown(page) == name, f"the page {name} is shown")


def shown(page):
    """Return the page that is shown, by what is on it."""
    if page.get_by_role("button", name="Race", exact=True).is_visible():
        return "compare"
    return "runs" if page.get_by_role("button", name="Import", exact=True).is_visible() else "train"


@pytest.fixture
def page(new_tab):
    return new_tab


def entries(page):
    return page.evaluate("history.length")


def test_back_and_forward_go_between_the_pages(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 5, "it trains")
    run = board(page).get_attribute("data-run-id")
    before = entries(page)
    turn_to(page, "compare")
    page.get_by_text("Nothing is compared yet").wait_for()
    turn_to(page, "runs")
    assert entries(page) == before + 2
    page.go_back()
    until(lambda: shown(page) == "compare", "back is Compare")
    page.go_back()
    until(lambda: shown(page) == "train", "and then Train")
    until(lambda: board(page).get_attribute("data-run-id") == run, "with its run")
    page.go_forward()
    until(lambda: shown(page) == "compare", "forward is Compare")
    page.go_forward()
    until(lambda: shown(page) == "runs", "and then Runs")
    assert "view=runs" in address(page)
    assert entries(page) == before + 2


def test_the_parts_of_the_pages_come_back_with_them(page, server):
    page.goto(f"{server.url}/?layout=dropout")
    page.wait_for_selector('[data-panel="committee"] .main-svg')
    panels = titles(page)
    turn_to(page, "compare")
    page.get_by_role("button", name="Race: none, L2, L1, dropout", exact=True).click()
    until(lambda: state(page) in ("running", "finished"), "the race is on the board")
    page.get_by_role("radio", name="Results", exact=True).click()
    until(lambda: "compared=Results" in address(page), "the address follows")
    before = entries(page)
    turn_to(page, "runs")
    turn_to(page, "train")
    until(lambda: titles(page) == panels, "the layout is that of before")
    assert entries(page) == before + 2
    assert address(page).endswith("layout=dropout") or "layout=dropout&" in address(page)
    page.go_back()
    until(lambda: shown(page) == "runs", "back is Runs")
    page.go_back()
    until(lambda: shown(page) == "compare" and "compared=Results" in address(page), "and then Compare")
    until(lambda: page.get_by_role("radio", name="Results", exact=True).is_checked(), "with its part")
    page.go_forward()
    until(lambda: shown(page) == "runs", "forward is Runs")
    page.go_forward()
    until(lambda: "layout=dropout" in address(page), "the address is that of Train")
    until(lambda: shown(page) == "train", "forward is Train")
    until(lambda: titles(page) == panels, "with its layout")


def test_a_run_that_is_opened_from_the_list_is_one_entry(page, server):
    open_board(page, server.url)
    page.get_by_role("spinbutton", name="Seed").fill("31")
    page.get_by_role("spinbutton", name="Seed").press("Enter")
    until(lambda: "seed=31" in address(page), "the address follows")
    press(page, "Start")
    until(lambda: number(page, "step") > 5, "it trains")
    run = board(page).get_attribute("data-run-id")
    press(page, "Reset")
    until(lambda: state(page) == "ready", "the board is empty")
    page.get_by_role("spinbutton", name="Seed").fill("1")
    page.get_by_role("spinbutton", name="Seed").press("Enter")
    until(lambda: "seed" not in address(page), "the address follows")
    turn_to(page, "runs")
    before = entries(page)
    table = page.locator('[data-testid="stDataFrame"] canvas').first
    until(lambda: table.bounding_box() is not None, "the table is there")
    box = table.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 50)  # the newest run; the boxes are part of the canvas
    opener = page.locator(".st-key-open_run button").first
    until(opener.is_enabled, "a row is chosen")
    opener.click()
    until(lambda: board(page).count() and board(page).get_attribute("data-run-id") == run, "the run is shown")
    until(lambda: "seed=31" in address(page), "with its settings")
    assert entries(page) == before + 1
    page.go_back()
    until(lambda: shown(page) == "runs", "back is the list")


def test_a_change_that_waits_for_a_restart_survives_a_look_at_another_page(page, server):
    open_board(page, server.url)
    press(page, "Start")
    until(lambda: number(page, "step") > 5, "it trains")
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("7")
    seed.press("Enter")
    page.get_by_text("One change needs a restart").wait_for()
    turn_to(page, "runs")
    page.go_back()
    until(lambda: shown(page) == "train", "back is Train")
    page.get_by_text("One change needs a restart").wait_for()
    assert seed.input_value() == "7"
