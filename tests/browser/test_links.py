"""Links in a real browser: another page opens with the same settings and trains to the same costs."""

from __future__ import annotations

import time

import pytest

from tests.browser.board import board, open_board, press, state, titles, train_to_the_end, until
from tests.browser.conftest import MEASURED_LINES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COST = (
    "document.querySelector('[data-panel=cost] .js-plotly-plot')._fullData"
    ".filter(line => line.visible !== false).map(line => [line.name, line.y?.at(-1)])"
)


def address(page):
    """Return the current address: Playwright updates `page.url` only during other calls."""
    return page.evaluate("location.href")


def field(page, name):
    return page.get_by_role("spinbutton", name=name)


def has_value(page, name, value):
    """Return whether a field has a value; while the page changes, the old field may be there beside the new one."""
    return field(page, name).evaluate_all("nodes => nodes.map((node) => node.value)") == [value]


def fill(page, name, value):
    """Fill a number field and press Enter."""
    field(page, name).fill(value)
    field(page, name).press("Enter")


def final_costs(page):
    """Train a run to its end and return the last value of every line of the cost."""
    train_to_the_end(page)
    return page.evaluate(COST)


def test_a_link_opened_in_another_browser_trains_to_the_same_cost(page, server, chromium):
    open_board(page, server.url)
    fill(page, "Epochs", "4")
    until(lambda: "epochs=4" in address(page), "the setting is in the address")
    fill(page, "Seed", "12")
    until(lambda: "seed=12" in address(page), "the setting is in the address")
    page.get_by_role("radio", name="1000", exact=True).click()
    until(lambda: "pace=1000" in address(page), "the setting is in the address")
    page.get_by_role("button", name="Share").click()
    code = page.locator('[data-testid="stCode"] code')
    until(lambda: "pace=1000" in code.inner_text().replace("\n", ""), "the link to copy has the pace")
    link = code.inner_text().replace("\n", "")
    page.keyboard.press("Escape")
    costs = final_costs(page)
    assert "run=" in address(page)
    assert "run=" not in link
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    context.add_init_script(MEASURED_LINES)
    try:
        other = context.new_page()
        open_board(other, link)
        until(lambda: field(other, "Epochs").input_value() == "4", "the epochs are those of the link")
        until(lambda: field(other, "Seed").input_value() == "12", "the seed is that of the link")
        other_costs = final_costs(other)
    finally:
        context.close()
    assert dict(costs)["training"] > 0
    assert other_costs == costs


def test_back_and_forward_go_through_the_settings(page, server):
    open_board(page, server.url)
    fill(page, "Seed", "12")
    until(lambda: address(page).endswith("?seed=12"), "the setting is in the address")
    fill(page, "Seed", "13")
    until(lambda: address(page).endswith("?seed=13"), "the setting is in the address")
    page.go_back()
    until(lambda: has_value(page, "Seed", "12"), "Back restores the previous seed")
    page.go_back()
    until(lambda: has_value(page, "Seed", "1"), "Back again restores the default")
    page.go_forward()
    until(lambda: has_value(page, "Seed", "12"), "Forward restores the later seed")
    assert address(page).endswith("?seed=12")


def test_invalid_values_of_a_link_block_start_until_the_default_is_accepted(page, server):
    open_board(page, f"{server.url}/?label_noise=0.7&drop_probability=0.333")
    alert = page.get_by_role("alert")
    board(page).evaluate("node => { node.mark = 'the same' }")
    assert "Corrupted labels" in alert.inner_text()
    assert "got 0.7" in alert.inner_text()
    until(lambda: "0.333" in page.locator('[data-testid="stSidebar"]').inner_text(), "the other value is used")
    assert address(page).endswith("?label_noise=0.7&drop_probability=0.333")
    press(page, "Use the default")
    until(lambda: address(page).endswith("/?drop_probability=0.333"), "the parameter is removed from the address")
    until(lambda: not alert.count(), "the message is removed")
    time.sleep(0.5)  # before a board is mounted again, the old one stays for a moment
    assert board(page).evaluate("node => node.mark") == "the same"


def test_the_link_of_a_custom_layout_opens_with_its_panels(page, server, chromium):
    open_board(page, server.url)
    page.get_by_role("button", name="View").click()
    page.get_by_role("radio", name="custom", exact=True).click()  # it starts with the panels of the previous layout
    until(lambda: "layout=custom" in address(page) and "Cost" in address(page), "the setting is in the address")
    page.get_by_role("button", name="Committee", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Share").click()
    code = page.locator('[data-testid="stCode"] code')
    until(lambda: "Committee" in code.inner_text(), "the link has the panel")
    link = code.inner_text().replace("\n", "")
    until(lambda: "committee" in titles(page), "the board has the panel")
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    try:
        other = context.new_page()
        open_board(other, link)
        until(lambda: titles(other) == titles(page), "the panels are the same")
        press(other, "Start")
        until(lambda: state(other) == "running", "the run trains")
        other.get_by_role("button", name="Share").click()
        until(
            lambda: other.locator('[data-testid="stCode"] code').inner_text().replace("\n", "") == link,
            "the link is the same",
        )
        press(other, "Pause")
        assert titles(other) == titles(page)
    finally:
        context.close()
