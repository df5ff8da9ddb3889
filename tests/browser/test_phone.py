"""A telephone, 390 × 844: nothing is beside the screen, and the pages are always in reach."""

from __future__ import annotations

import pytest

from tests.browser.board import number, open_board, press, state, titles, until
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"width": 390, "height": 844}

# JavaScript that returns the visible parts of an element that are beside the screen. A row that can be moved sideways
# may have such parts.
BESIDE_THE_SCREEN = """(selector) => {
  const width = document.documentElement.clientWidth;
  const moves = (node) =>
    node && (["auto", "scroll"].includes(getComputedStyle(node).overflowX) || moves(node.parentElement));
  return [...document.querySelectorAll(selector + " *")].filter((node) => {
    if (!node.checkVisibility({visibilityProperty: true}) || node.closest(".rs-hidden, svg")) return false;
    const { left, right, width: own, height } = node.getBoundingClientRect();
    return own && height && (left < -1 || right > width + 1) && !moves(node.parentElement);
  }).map((node) => `${node.tagName} ${node.className} ${node.textContent.slice(0, 30)}`);
}"""
# JavaScript that returns how many pixels the page can be moved sideways.
MOVES_BY = """() => Math.max(...[document.scrollingElement, ...document.querySelectorAll("[data-testid=stMain]")].map(
  (node) => node.scrollWidth - node.clientWidth))"""


def assert_fits(page, selector: str) -> None:
    until(lambda: page.evaluate(MOVES_BY) <= 0, "the page cannot be moved sideways")
    until(lambda: page.evaluate(BESIDE_THE_SCREEN, selector) == [], "nothing is beside the screen")


def assert_pages_in_reach(page) -> None:
    """The switch of the pages is on the screen, also at the end of the page."""
    page.locator("[data-testid=stMain]").evaluate("node => node.scrollTo(0, node.scrollHeight)")
    switch = page.locator(".st-key-phone_head").get_by_role("radio", name="train")
    until(lambda: switch.bounding_box() and 0 <= switch.bounding_box()["y"] < 844 - 20, "the pages are in reach")
    page.locator("[data-testid=stMain]").evaluate("node => node.scrollTo(0, 0)")


@pytest.fixture
def phone(own_page):
    own_page.set_viewport_size(PHONE)
    return own_page


@pytest.fixture
def run_ids(own_server, store):
    settings = ({"l2": 0.0, "drop_probability": 0.0}, {"l2": 0.0}, {"l2": 2.0}, {"l2": 0.0})
    ids = [train_run(store, small(**fields)) for fields in settings]
    store.set_description(ids[-1], name="a" * 60, tags=["lecture"])
    return ids


def test_the_page_runs_is_a_list_of_cards(phone, own_server, run_ids):
    phone.goto(f"{own_server.url}/?view=runs")
    cards = phone.locator(".st-key-narrow_runs [data-testid=stCheckbox]")
    until(lambda: cards.count() == 4, "every run has a card")
    assert not phone.locator("[data-testid=stDataFrame]").is_visible()
    assert phone.get_by_text("Dropout ½ · digits · 1", exact=True).first.is_visible()
    assert_fits(phone, "[data-testid=stMain]")
    assert_pages_in_reach(phone)
    for name in ("Dropout ½ · digits · 1", "No regularization · digits · 1"):
        phone.get_by_text(name, exact=True).first.click()
        phone.get_by_text("Chosen: ").filter(has_text=name).wait_for()
    until(lambda: phone.get_by_role("button", name="Compare", exact=True).is_enabled(), "two runs can be compared")
    press(phone, "Compare")
    until(lambda: "view=compare" in phone.evaluate("location.search"), "they are compared")


def test_a_wide_screen_has_the_table(own_page, own_server, run_ids):
    own_page.goto(f"{own_server.url}/?view=runs")
    own_page.locator("[data-testid=stDataFrame]").wait_for()
    assert not own_page.locator(".st-key-narrow_runs").is_visible()


def test_the_results_of_a_comparison_are_cards(phone, own_server, run_ids):
    phone.goto(f"{own_server.url}/?view=compare&runs={','.join(run_ids)}&compared=Results")
    cards = phone.locator(".st-key-narrow_results section")
    until(lambda: cards.count() == 4, "every run has a card")
    until(lambda: phone.locator(".st-key-narrow_settings section").count() > 0, "the settings are shown")
    assert "Best" in cards.first.inner_text()
    assert not any(table.is_visible() for table in phone.locator("[data-testid=stTable]").all())
    assert_fits(phone, "[data-testid=stMain]")
    assert_pages_in_reach(phone)


def test_the_curves_of_a_comparison_fit(phone, own_server, run_ids):
    phone.goto(f"{own_server.url}/?view=compare&runs={','.join(run_ids)}")
    phone.wait_for_selector("[data-panel=accuracies] .main-svg")
    assert_fits(phone, "[data-testid=stMain]")
    assert_pages_in_reach(phone)


def test_projector_mode_fits_and_is_operated_by_touch(phone, own_server):
    open_board(phone, own_server.url)
    assert_pages_in_reach(phone)
    phone.locator(".rs-timeline").get_by_role("button", name="Projector", exact=True).click()
    until(lambda: len(titles(phone)) == 1, "one panel fills the screen")
    press(phone, "Step epoch")
    until(lambda: state(phone) == "paused" and number(phone, "step") > 0, "the buttons give orders")
    for button in ("Two panels", "Next panel"):
        assert_fits(phone, ".rs-board")
        phone.locator(".rs-talk-bar").get_by_role("button", name=button, exact=True).click()
    assert_fits(phone, ".rs-board")
    boxes = [node.bounding_box() for node in phone.locator(".rs-board .rs-button:visible").all()]
    assert all(box["y"] >= 0 and box["y"] + box["height"] <= 844 for box in boxes), "every button is on the screen"
    panels = [box for node in phone.locator(".rs-panel:not([data-away])").all() if (box := node.bounding_box())]
    assert len(panels) == 2
    assert panels[1]["y"] >= panels[0]["y"] + panels[0]["height"], "one above the other"
    assert all(box["height"] > 120 for box in panels)
    phone.locator(".rs-talk-bar").get_by_role("button", name="Leave", exact=True).click()
    until(lambda: phone.locator(".st-key-phone_head").is_visible(), "the page is shown again")


# JavaScript that returns the font sizes of the caption and of the numbers of the axes of the large panel.
TYPE = """() => {
  const panel = [...document.querySelectorAll(".rs-panel")].find(
    (each) => each.matches("[data-full], .rs-talk :not([data-away])"));
  return [".rs-hint", ".xtick text"].map((part) => parseFloat(getComputedStyle(panel.querySelector(part)).fontSize));
}"""


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390)])
def test_a_large_panel_has_one_size_of_type(phone, own_server, width, height):
    phone.set_viewport_size({"width": width, "height": height})
    open_board(phone, own_server.url)
    phone.locator('[data-panel="accuracy"] .rs-icon').click()
    press(phone, "Full size")
    until(lambda: phone.locator("[data-full]").count() == 1, "one panel fills the page")
    until(lambda: phone.evaluate(TYPE) == [pytest.approx(12.6), 14], "the caption is a little smaller, as on a screen")
    phone.keyboard.press("Escape")
    phone.locator(".rs-timeline").get_by_role("button", name="Projector", exact=True).click()
    until(lambda: phone.evaluate(TYPE) == [14, 14], "the caption and the numbers have the same size")


def test_projector_mode_fits_a_telephone_held_sideways(phone, own_server):
    phone.set_viewport_size({"width": 844, "height": 390})
    open_board(phone, own_server.url)
    phone.locator(".rs-timeline").get_by_role("button", name="Projector", exact=True).click()
    until(lambda: len(titles(phone)) == 1, "one panel fills the screen")
    press(phone, "Step epoch")
    until(lambda: state(phone) == "paused" and number(phone, "step") > 0, "the buttons give orders")
    for count in (1, 2):
        assert_fits(phone, ".rs-board")
        panels = [box for node in phone.locator(".rs-panel:not([data-away])").all() if (box := node.bounding_box())]
        assert len(panels) == count
        assert all(box["height"] >= 150 for box in panels)
        parts = phone.locator(".rs-board :is(.rs-button, .rs-metric, .rs-panel:not([data-away]) h3):visible").all()
        boxes = [node.bounding_box() for node in parts]
        assert all(box["y"] >= 0 and box["y"] + box["height"] <= 390 for box in boxes), "every part is on the screen"
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= 844 for box in boxes), "every part is on the screen"
        state_left = phone.locator(".rs-state").bounding_box()["x"]
        metrics = [node.bounding_box() for node in phone.locator(".rs-metric:visible").all()]
        assert all(box["x"] + box["width"] <= state_left for box in metrics), "the numbers end before the state"
        if count == 1:
            press(phone, "Two panels")
            until(lambda: len(titles(phone)) == 2, "two panels are shown")
    assert panels[1]["x"] >= panels[0]["x"] + panels[0]["width"], "side by side"
